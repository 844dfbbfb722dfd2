"""Everything people read is marked, and translated whole in every language."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from jinja2 import nodes

from lib import catalogue
from lib.web.templating import make_environment
from tests.i18n.messages import KEYWORDS, ROOT, extract

TEMPLATES = sorted((ROOT / 'templates').glob('*.html'))
LANGUAGES = catalogue.languages()[1:]
#: Names and what is the same in every language.
SAME = {'<!doctype html>', 'pyroTorrent', '.torrent', 'http', 'KiB/s', 'Authorization: Bearer …'}
ERRORS = {keyword.partition(':')[0] for keyword in KEYWORDS} - {'said', 'said_n', 't', 'tn', 'tp'}
#: For programs, which read English; and the command line. As in pyproject.toml.
FOR_PROGRAMS = re.compile(
    r'lib/(commands|demo|methods|web/v1)/|lib/(bencode|plans|calls|multibase|baserequester)\.py|model/(manager/|(batch|replysize|remote)\.py)'
    r'|lib/web/(api|jsonbody|sessionoptions)\.py|lib/wire/(columns|xmlrpc)\.py'
)


@cache
def sources() -> Catalog:
    return extract()


def of(code: str) -> Catalog:
    with catalogue.path_of(code).open('rb') as file:
        return read_po(file, locale=code)


def test_there_is_a_language_besides_english() -> None:
    assert LANGUAGES == ['de']


@pytest.mark.parametrize('code', LANGUAGES)
def test_every_text_is_translated(code: str) -> None:
    """Where this fails: make messages, and fill in what is empty."""
    known = of(code)
    missing = []
    for message in sources():
        found = known.get(message.id, message.context) if message.id else None
        texts = (
            [found.string]
            if found and isinstance(found.string, str)
            else found.string
            if found
            else [message.id and '']
        )
        if message.id and not all(texts):
            missing.append((message.id, [path for path, _ in message.locations]))
    assert missing == []


@pytest.mark.parametrize('code', LANGUAGES)
def test_nothing_is_translated_that_nobody_says_any_more(code: str) -> None:
    said = {(message.id, message.context) for message in sources()}
    assert [message.id for message in of(code) if (message.id, message.context) not in said] == []


@pytest.mark.parametrize('code', LANGUAGES)
def test_translations_keep_the_places_and_the_markup(code: str) -> None:
    found = of(code)
    assert [message.id for message in found if message.id and not catalogue.is_sound(message)] == []
    assert [message.id for message in found if message.id and message.fuzzy] == []


@pytest.mark.parametrize('code', LANGUAGES)
def test_every_sentence_with_values_can_be_filled_in(code: str) -> None:
    for message in of(code):
        for text in [message.string] if isinstance(message.string, str) else message.string:
            if message.id and re.search(r'%\(', str(message.id)):
                assert text % dict.fromkeys(re.findall(r'%\((\w+)\)', text), 'x')


# Marking


def bare(path: Path) -> list[str]:
    """The words of a template that no call of gettext holds."""
    tree = make_environment().parse(path.read_text(encoding='utf-8'))
    for block in tree.find_all(nodes.Block):
        if block.name in ('page', 'favicon'):  # a class, an address
            block.body = []
    text = ''.join(
        node.data if isinstance(node, nodes.TemplateData) else '\x00'
        for output in tree.find_all(nodes.Output)
        for node in [*output.nodes, nodes.TemplateData('\x01')]
    )
    shown = re.sub(
        r'<!--.*?-->|<(code|kbd|svg|symbol)\b.*?</\1>|</?[a-z][^<>]*>', '\n', text, flags=re.DOTALL
    )
    named = re.findall(r'(?:aria-label|placeholder|title|alt|data-name)="([^"]*)"', text)
    words = [word.strip() for part in [shown, *named] for word in re.split(r'[\n\x00\x01]', part)]
    return [
        word for word in words if re.search(r'[A-Za-z]{2}', re.sub('|'.join(map(re.escape, SAME)), '', word))
    ]


@pytest.mark.parametrize('path', TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_bare_words(path: Path) -> None:
    assert bare(path) == []


def test_sentences_of_errors_are_literal() -> None:
    """An f-string is known to no catalogue: ``said('… %(name)s …', name=name)`` is."""
    found = []
    for path in [*(ROOT / 'lib').rglob('*.py'), *(ROOT / 'model').rglob('*.py')]:
        name = path.relative_to(ROOT).as_posix()
        if FOR_PROGRAMS.match(name):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            called = (
                getattr(node.func, 'id', getattr(node.func, 'attr', '')) if isinstance(node, ast.Call) else ''
            )
            marks = called in ERRORS | {'said', 'said_n', 'gettext', 'ngettext'} and node.args
            if marks and isinstance(node.args[0], ast.JoinedStr | ast.BinOp):
                found.append(f'{name}:{node.lineno}')
    assert found == []


def test_what_scripts_say_goes_through_t() -> None:
    """Words put straight into the page. What is only for programs (names of classes, keys) has no blank in it."""
    found = []
    for path in sorted((ROOT / 'static' / 'js').rglob('*.js')):
        source = re.sub(r'/\*.*?\*/|(?<!:)//[^\n]*', '', path.read_text(encoding='utf-8'), flags=re.DOTALL)
        for match in re.finditer(
            r'(?:textContent|title|ariaLabel|placeholder|label|text)\s*[:=]\s*([\'"`])((?:(?!\1).)*[A-Za-z]{2}(?:(?!\1).)*)\1',
            source,
        ):
            words = re.sub(r'\$\{[^}]*\}|pyroTorrent|Esc', '', match[2])
            if re.search(r'[A-Za-z]{2}', words) and re.match(r'[A-Z]|.* ', words):
                found.append(f'{path.name}: {match[2]}')
    assert found == []
