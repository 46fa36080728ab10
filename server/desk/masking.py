"""Names and numbers as screens show them before somebody asks for more, with a reason."""


def masked_name(name: str) -> str:
    """Return the first character of a name and how there is more."""
    return f"{name[:1]}＊＊" if name else "（无姓名）"


def masked_number(certificate: str) -> str:
    """Return the last four of the first twenty places, which is what people are asked for."""
    return f"尾号 {certificate[:20][-4:]}" if certificate else ""
