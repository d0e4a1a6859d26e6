"""Every term of the addon has a Chinese translation that says the same things."""

import re

from tests.odoo_cluster import OdooCluster
from tests.odoo_translation import TEMPLATE, TRANSLATION, read_terms

PLACEHOLDER = re.compile(r"%\(\w+\)s|%s|\{\w*\}")


def test_translation_is_complete(odoo_cluster: OdooCluster) -> None:
    found = read_terms(odoo_cluster)

    untranslated = [term for term, translated in found.terms.items() if not translated]
    assert not untranslated, "run scripts/odoo translate, then translate in addons/industrial_iot/i18n/zh_CN.po"
    assert TRANSLATION.read_text() == found.po, "run scripts/odoo translate"
    assert TEMPLATE.read_text() == found.pot, "run scripts/odoo translate"
    for term, translated in found.terms.items():
        assert sorted(PLACEHOLDER.findall(term)) == sorted(PLACEHOLDER.findall(translated)), term
