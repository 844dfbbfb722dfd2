"""Texts and figures in a language: what is filled in, what is escaped, and whose language it is."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader
from werkzeug import Request
from werkzeug.test import EnvironBuilder

from lib import catalogue, errors, translate
from lib import format as fmt
from lib.web import failures, locale
from lib.web.templating import make_environment
from lib.words import N_, named, packed, said, said_n, unpacked

GERMAN = translate.language('de')
HOSTILE = '<script>alert("1")</script>'


def request(cookie: str = '', accept: str = '', **headers: str) -> Request:
    sent = {'Cookie': cookie, 'Accept-Language': accept, **headers}
    return Request(
        EnvironBuilder(headers={name: value for name, value in sent.items() if value}).get_environ()
    )


# Which language


@pytest.mark.parametrize(
    ('cookie', 'accept', 'code'),
    [
        ('', '', 'en'),
        ('', 'de', 'de'),
        ('', 'de-AT,de;q=0.9,en;q=0.8', 'de'),
        ('', 'en-GB,de;q=0.9', 'en'),
        ('', 'fr,de;q=0.5', 'de'),
        ('', 'fr', 'en'),
        ('', '*', 'en'),
        ('', 'de;q=0', 'en'),
        ('pyrotorrent_language=de', 'en', 'de'),
        ('pyrotorrent_language=en', 'de', 'en'),
        ('pyrotorrent_language=auto', 'de', 'de'),
        ('pyrotorrent_language=../../etc/passwd', 'de', 'de'),
        ('pyrotorrent_language=DE', '', 'en'),
        ('', 'de,' * 5000, 'en'),
        ('', ';;;,=q=,de;q=oops,\tde;q=1e400', 'en'),
    ],
)
def test_the_choice_comes_first_then_the_browser_then_english(cookie: str, accept: str, code: str) -> None:
    assert locale.negotiate(request(cookie, accept)).code == code


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=255), max_size=600))
def test_no_header_stops_a_request(header: str) -> None:
    found = request()
    found.environ['HTTP_ACCEPT_LANGUAGE'] = header
    found.environ['HTTP_COOKIE'] = f'pyrotorrent_language={header}'
    assert locale.negotiate(found).code in translate.codes()


def test_a_program_with_a_token_reads_english() -> None:
    assert locale.negotiate(request('', 'de', Authorization='Bearer x')).code == 'en'


def test_a_language_is_its_threads_own() -> None:
    heard: list[str] = []
    with translate.using(GERMAN):
        thread = threading.Thread(target=lambda: heard.append(translate.gettext('Cancel')))
        thread.start()
        thread.join()
        heard.append(translate.gettext('Cancel'))
    assert [*heard, translate.gettext('Cancel')] == ['Cancel', 'Abbrechen', 'Cancel']


# Texts that were made in English


def test_a_text_is_english_and_can_be_said_in_german() -> None:
    text = said('There is no %(kind)s “%(name)s”.', kind=named(N_('client')), name='100 %')
    assert text == 'There is no client “100 %”.'
    with translate.using(GERMAN):
        assert translate.words(text) == 'Unbekannt: Client „100 %“.'


def test_a_text_can_be_said_in_german_after_it_was_stored() -> None:
    inner = said('“%(host)s” %(what)s.', host='h\x1b', what=named('gave no usable answer'))
    texts = [
        said('Nothing could be delivered %(failures)s times in a row. %(error)s', failures=5, error=inner),
        said(
            'Nothing could be delivered %(failures)s times in a row. %(error)s',
            failures=5,
            error=ValueError('x'),
        ),
        said_n('One delivery that waits is never sent.', '%(num)s deliveries that wait are never sent.', 2),
        N_('The queue was full.'),
    ]
    for text in texts:
        kept = unpacked(packed(text))
        assert kept == text
        with translate.using(GERMAN):
            assert translate.words(kept) == translate.words(text) != text
    assert '\x1b' not in unpacked(packed(texts[0], lambda foreign: foreign.replace('\x1b', '')))


@given(st.text())
def test_foreign_text_is_stored_as_it_is(text: str) -> None:
    for foreign in (text, packed(said('%(name)s', name=text)), packed(named(text))[:-1]):
        assert unpacked(packed(foreign)) == foreign


def test_foreign_text_is_never_translated() -> None:
    text = said('There is no client “%(value)s”.', value='Cancel')
    with translate.using(GERMAN):
        assert translate.words(text) == 'Einen Client „Cancel“ gibt es nicht.'


def test_numbers_choose_the_form() -> None:
    texts = [said_n('%(num)s second', '%(num)s seconds', number) for number in (1, 2)]
    assert texts == ['1 second', '2 seconds']
    with translate.using(GERMAN):
        assert [translate.words(text) for text in texts] == ['1 Sekunde', '2 Sekunden']


def test_an_error_is_english_in_logs_and_german_on_a_page() -> None:
    error = errors.UnknownName('role', 'rad', ['read', 'write'], field='role')
    assert str(error) == 'There is no role “rad”. Did you mean “read”?'
    with translate.using(GERMAN):
        assert (
            failures.words_of(error, admin=True) == 'Unbekannt: Rolle „rad“. Gemeint ist vielleicht „read“.'
        )
        assert str(error) == 'There is no role “rad”. Did you mean “read”?'


# Figures


def test_figures_follow_the_language() -> None:
    with translate.using(GERMAN):
        assert fmt.size(5_046_586_572) == '4,7 GiB'
        assert fmt.size(4_700_000_000, binary=False) == '4,7 GB'
        assert (fmt.ratio(3400), fmt.count(1_234_567)) == ('3,40', '1.234.567')
        assert (fmt.age(9 * 86400), fmt.age(400 * 86400), fmt.eta(12_000)) == ('9 T', '1 J', '3 h 20 min')
        assert fmt.moment(1_700_000_000)[2:6] == '.11.'
        assert fmt.limit(0) == 'unbegrenzt'
    assert fmt.size(5_046_586_572) == '4.7 GiB'


@pytest.mark.parametrize('code', translate.codes())
def test_every_figure_keeps_its_shape(code: str) -> None:
    with translate.using(translate.language(code)):
        for number in (0, 999, 1000, 10**6, 10**9, 2**62):
            assert fmt.size(number) and fmt.count(number) and fmt.duration(number)


# Templates


def render(template: str, language: str = 'en', **values: object) -> str:
    pages = make_environment().overlay(loader=DictLoader({'page': template}))
    with translate.using(translate.language(language)):
        return pages.get_template('page').render(**values)


@pytest.mark.parametrize(
    'template',
    [
        '{{ _("Tick %(name)s", name=value) }}',
        '<i title="{{ _("Tick %(name)s", name=value) }}">',
        '{% trans name=value %}Log in as <bdi>{{ name }}</bdi>{% endtrans %}',
        '{% trans n=2, name=value %}{{ n }} {{ name }}{% pluralize %}{{ n }} <b>{{ name }}</b>{% endtrans %}',
        '{{ value | said }}',
        '{{ pgettext("theme", "%(x)s", x=value) }}',
    ],
)
@pytest.mark.parametrize('language', translate.codes())
def test_values_in_sentences_are_escaped(template: str, language: str) -> None:
    html = render(template, language, value=HOSTILE)
    assert '<script' not in html and '&lt;script&gt;' in html
    assert 'alert("' not in html


def test_only_our_original_decides_whether_a_text_is_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        translate, 'gettext', lambda msgid: {'Keys': HOSTILE, '<b>Keys</b>': '<b>x</b>'}[msgid]
    )
    assert '<script' not in render('<i title="{{ _("Keys") }}">{% trans %}Keys{% endtrans %}')
    assert render('{{ _("<b>Keys</b>") }}') == '<b>x</b>'


def test_a_sentence_in_german() -> None:
    html = render('{% trans name=value %}Log in as <bdi>{{ name }}</bdi>{% endtrans %}', 'de', value='Zoë')
    assert html == 'Anmelden als <bdi>Zoë</bdi>'


# Catalogues


def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **texts: str) -> catalogue.Catalogue:
    written = Catalog(locale='fr')
    for original, text in texts.items():
        written.add(original, text, locations=[('static/js/x.js', 1)])
    path = tmp_path / 'fr' / 'LC_MESSAGES' / 'pyrotorrent.po'
    path.parent.mkdir(parents=True)
    with path.open('wb') as file:
        write_po(file, written)
    monkeypatch.setattr(catalogue, 'LOCALES', tmp_path)
    assert catalogue.languages() == ['en', 'fr']
    return catalogue.load('fr')


@pytest.mark.parametrize(
    ('original', 'text'),
    [
        ('%(num)s left', 'reste'),
        ('%(num)s left', '%(num)s %(password)s'),
        ('%(num)s left', '%(num)d'),
        ('%(num)s left', '%(num)s 100 %'),
        ('{n} left', '{m} reste'),
        ('Keys', '<b>Touches</b>'),
        ('Keys', 'Touches & <script>'),
        ('<b>Keys</b>', '<b onclick="x">Touches</b>'),
    ],
)
def test_a_translation_that_would_do_harm_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, original: str, text: str
) -> None:
    found = load(tmp_path, monkeypatch, **{original: text, 'Cancel': 'Annuler'})
    assert found.texts.gettext(original) == original
    assert found.texts.gettext('Cancel') == 'Annuler'
    assert found.browser == {'Cancel': 'Annuler'}
