"""Our quick escaping is MarkupSafe's, in every kind of template."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment
from markupsafe import Markup, escape

from lib.web.templating import escaped, make_environment

HOSTILE = '<img src=x onerror="alert(\'1\')">&amp;'
TEMPLATES = {
    'plain': '{{ value }}',
    'attribute': '<a title="{{ value }}">',
    'macro': '{% macro show(x) %}[{{ x }}]{% endmacro %}{{ show(value) }}',
    'set': '{% set kept %}({{ value }}){% endset %}{{ kept }}',
    'filter': '{{ value | upper }}',
    'concat': '{{ "x" ~ value ~ "y" }}',
    'loop': '{% for item in [value, 1, none] %}{{ item }};{% endfor %}',
    'block': '{% block main %}{{ value }}{% endblock %}',
    'include': '{% include "plain" %}',
}


@given(st.one_of(st.text(), st.text(alphabet='&<>"\'a'), st.integers(), st.none(), st.booleans()))
def test_it_escapes_as_markupsafe_does(value: object) -> None:
    assert escaped(value) == escape(value)


def test_markup_stays_as_it_is() -> None:
    assert escaped(Markup('<b>')) == '<b>'


@pytest.mark.parametrize('name', TEMPLATES)
def test_templates_come_out_as_with_jinjas_own_code(name: str) -> None:
    ours = make_environment().overlay(loader=DictLoader(TEMPLATES))
    plain = Environment(loader=DictLoader(TEMPLATES), autoescape=True)
    for value in (HOSTILE, 'harmless', Markup('<b>bold</b>')):
        made = ours.get_template(name).render(value=value)
        assert made == plain.get_template(name).render(value=value)
    assert '<img' not in ours.get_template(name).render(value=HOSTILE)
