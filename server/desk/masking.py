"""Names and numbers as screens show them before somebody asks for more, with a reason."""

from models.case import Case


def masked_name(name: str) -> str:
    """Return the first character of a name and how there is more."""
    return f"{name[:1]}＊＊" if name else "（无姓名）"


def masked_number(certificate: str) -> str:
    """Return the last four of the first twenty places, which is what people are asked for."""
    return f"尾号 {certificate[:20][-4:]}" if certificate else ""


def masked_telephone(number: str) -> str:
    """Return a number of which only the first three and last two digits can be read."""
    return f"{number[:3]}****{number[-2:]}" if len(number) > 6 else "＊＊＊" if number else ""


def masked_person(case: Case) -> str:
    """Return who a case is about in one phrase; a case without a person is about a village."""
    name = masked_name(case.name) if case.name else "村（社区）"
    number = masked_number(case.certificate)
    return f"{name}（证号{number}）" if number else name
