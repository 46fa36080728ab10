"""Pictures from outside: signatures and photographs, read once and written anew by ourselves."""

import base64
import binascii
import io
import warnings

from PIL import Image, UnidentifiedImageError

from server.window.fault import Fault, WindowError

#: Bytes and pixels that a photograph may have, and what its longer side is made to.
MOST_BYTES, _PIXELS, _SIDE = 8 * 1024 * 1024, 50_000_000, 1_600
_HEAD = "data:image/png;base64,"
_SIGNATURE = (2_000, 1_000)
#: How many points a signature has at least; fewer are a slip of the pen.
_POINTS = 60


def photograph(raw: bytes) -> bytes:
    """Return a photograph as a JPEG of ours: smaller, upright, without place or camera.

    Raises :class:`WindowError` for what is no JPEG or PNG, or too large.
    """
    if len(raw) > MOST_BYTES:
        raise WindowError(Fault.PHOTO_TOO_LARGE)
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(raw), formats=("JPEG", "PNG")) as one:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            if one.width * one.height > _PIXELS:
                raise WindowError(Fault.PHOTO_TOO_LARGE)
            turned = _upright(one).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning) as error:
        if isinstance(error, WindowError):
            raise
        raise WindowError(Fault.NO_PHOTO) from error
    turned.thumbnail((_SIDE, _SIDE))
    out = io.BytesIO()
    turned.save(out, "JPEG", quality=85)
    return out.getvalue()


def _upright(image: Image.Image) -> Image.Image:
    from PIL import ImageOps

    return ImageOps.exif_transpose(image)


def drawn(address: str) -> bytes:
    """Return a signature as a black and white PNG of ours. Raises :class:`WindowError`."""
    try:
        if not address.startswith(_HEAD):
            raise WindowError(Fault.NO_SIGNATURE)
        raw = base64.b64decode(address.removeprefix(_HEAD), validate=True)
        with Image.open(io.BytesIO(raw), formats=("PNG",)) as one:
            if one.width > _SIGNATURE[0] or one.height > _SIGNATURE[1]:
                raise WindowError(Fault.NO_SIGNATURE)
            alpha = one.convert("RGBA").getchannel("A")
    except (binascii.Error, UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise WindowError(Fault.NO_SIGNATURE) from error
    ink = alpha.point([255 if level > 80 else 0 for level in range(256)])
    if ink.histogram()[255] < _POINTS:
        raise WindowError(Fault.NO_SIGNATURE)
    paper = Image.new("L", ink.size, 255)
    paper.paste(0, mask=ink)
    out = io.BytesIO()
    paper.convert("1").save(out, "PNG")
    return out.getvalue()
