"""The views are written as Odoo 18 and 19 read them; this is how they are said to Odoo 17."""

from lxml import etree


def written_for_17(arch, fields):
    """Return the XML of a view as Odoo 17 reads it.

    Args:
        arch: The XML as Odoo 18 and later read it.
        fields: Names of the fields that the view's model has.
    """
    root = etree.fromstring(arch)
    for node in list(root.iter("list")):
        node.tag = "tree"
    for card in root.iterfind(".//t[@t-name='card']"):
        card.set("t-name", "kanban-box")
        # A card was one element, which opened its record only with this class.
        box = etree.Element("div", {"class": "oe_kanban_global_click"})
        box.text, card.text = card.text, None
        box.extend(list(card))
        for field in box.iterfind("field"):
            # And fields stood in a line.
            field.set("class", f"d-block {field.get('class', '')}".strip())
        card.append(box)
    for chatter in list(root.iter("chatter")):
        chatter.tag = "div"
        chatter.set("class", "oe_chatter")
        for name in filter(fields.__contains__, ("message_follower_ids", "activity_ids", "message_ids")):
            etree.SubElement(chatter, "field", {"name": name})
    return etree.tostring(root, encoding="unicode")
