"""Test results as JUnit XML, as build servers read it."""

from xml.etree import ElementTree as ET

from flowengine.testing.result import CaseResult, FlowTestReport, FlowTestResult


def junit(report: FlowTestReport) -> str:
    """Return results as JUnit XML: a suite a flow, a test case a case.

    Args:
        report: The results.
    """
    root = ET.Element("testsuites", name="flowengine")
    for result in report.results:
        root.append(_suite(result))
    if report.problems:
        suite = ET.SubElement(root, "testsuite", name="flowengine", tests="1", failures="0", errors="1")
        _add_error(ET.SubElement(suite, "testcase", name="can be run", classname="flowengine"), report.problems)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(result: FlowTestResult) -> ET.Element:
    broken = bool(result.problems)
    suite = ET.Element(
        "testsuite",
        name=result.flow,
        file=str(result.file),
        tests=str(len(result.cases) + broken),
        failures=str(result.count("failed")),
        errors=str(result.count("broken") + broken),
        time=f"{result.seconds:.3f}",
    )
    if broken:
        _add_error(ET.SubElement(suite, "testcase", name="can be run", classname=result.flow), result.problems)
    for case in result.cases:
        suite.append(_case(result.flow, case))
    return suite


def _case(flow: str, case: CaseResult) -> ET.Element:
    element = ET.Element("testcase", name=_text(case.name), classname=flow, time=f"{case.seconds:.3f}")
    if case.outcome == "failed":
        lines = [str(difference) for difference in case.differences]
        failure = ET.SubElement(element, "failure", message=_text(lines[0]))
        failure.text = _text("\n".join(lines))
        if case.log:
            ET.SubElement(element, "system-err").text = _text("\n".join(case.log))
    elif case.outcome == "broken":
        _add_error(element, case.problems)
    return element


def _add_error(element: ET.Element, problems: tuple[object, ...]) -> None:
    lines = [str(problem) for problem in problems]
    ET.SubElement(element, "error", message=_text(lines[0])).text = _text("\n".join(lines))


def _text(text: str) -> str:
    """Return a text without what XML 1.0 §2.2 does not allow."""
    return "".join(
        char
        if char in "\t\n" or (char >= " " and not "\ud800" <= char <= "\udfff" and char not in "\ufffe\uffff")
        else "\ufffd"
        for char in text
    )
