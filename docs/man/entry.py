# SPDX-License-Identifier: MIT
"""What Doxygen's XML says of one thing, as lines of mdoc(7)."""

import collections
import xml.etree.ElementTree as ElementTree

from mdoc import MARKED, Prose, display, item

FUNCTION, GROUP = "3", "7"
PARAGRAPHS = {"Errors": "ERRORS", "Deviation": "STANDARDS", "Example": "EXAMPLES"}
MACROS = {"enumvalue": "Dv", "define": "Dv", "variable": "Fa",
          "typedef": "Vt", "struct": "Vt", "enum": "Vt"}
# What stands behind a link to these is known by its form.
HOSTS = ("https://man7.org/", "https://docs.python.org/")


def text_of(element):
    """All text in an element, a space for each <sp/>."""
    text = (" " if element.tag == "sp" else "") + (element.text or "")
    return text + "".join(text_of(child) + (child.tail or "") for child in element)


def group_name(group):
    return "pysockc_" + group.findtext("compoundname")


class Reference:
    """All of Doxygen's XML."""

    def __init__(self, folder):
        self.compounds = {}
        self.version = None
        for path in sorted(folder.glob("*.xml")):
            root = ElementTree.parse(path).getroot()
            self.compounds.update((found.get("id"), found) for found in root.iter("compounddef"))
            option = root.find("option[@id='PROJECT_NUMBER']/value")
            self.version = self.version if option is None else option.text
        self.members = {member.get("id"): member for compound in self.compounds.values()
                        for member in compound.iter() if member.tag in ("memberdef", "enumvalue")}
        self.groups = [found for found in self.compounds.values() if found.get("kind") == "group"]

    def mention(self, ref):
        """The macro that names what a reference means; none for a page."""
        target = self.members.get(ref.get("refid"))
        if target is None:
            target = self.compounds[ref.get("refid")]
        kind = target.get("kind", target.tag)
        name = target.findtext("name") or target.findtext("compoundname")
        if kind == "group":
            return "Xr", group_name(target), GROUP
        if kind == "function":
            return "Xr", name, FUNCTION
        return (MACROS[kind], name) if kind in MACROS else None


class Entry:
    """What is said of one thing: the lines of each section, a method for each element."""

    def __init__(self, reference, element):
        self.reference = reference
        self.sections = collections.defaultdict(list)
        self.section = "DESCRIPTION"
        self.prose = Prose()
        self.see = set()
        self.since = None
        self.own = element.findtext("name")
        self.parameters = [name.text for name in element.iter("parametername")]
        for para in element.iterfind("briefdescription/para"):
            self.inline(para)
        self.brief, self.lead, self.prose = self.prose, self.prose, Prose()
        self.children(element.find("detaileddescription"))
        self.flush()

    # ---- lines ----

    def add(self, lines):
        self.sections[self.section] += lines

    def flush(self):
        """Ends a paragraph. The first one begins with the brief description."""
        prose, self.prose = self.prose, Prose()
        self.see |= {page for page in prose.pages() if not page[1].startswith("sock_")}
        if prose.plain().startswith(("Corresponds to", "Not in Python")):
            standard, prose = prose.split()
            self.sections["STANDARDS"] += standard.lines()
        if self.lead and self.section == "DESCRIPTION":
            prose.parts[:0] = [*self.lead.parts, " "]
            self.lead = None
        lines = prose.lines()
        before = self.sections[self.section][-1:]
        if lines and before and not before[0].startswith(".It"):
            self.add([".Pp"])
        self.add(lines)

    # ---- what is read ----

    def inline(self, element):
        """Running text with elements in it."""
        self.prose.text(element.text or "")
        for child in element:
            getattr(self, child.tag)(child)
            self.prose.text(child.tail or "")

    def children(self, element):
        for child in element:
            getattr(self, child.tag)(child)

    def para(self, element):
        self.inline(element)
        self.flush()

    def computeroutput(self, element):
        text = " ".join(text_of(element).split())
        if text in self.parameters:
            self.prose.macro("Fa", text)
        elif MARKED.fullmatch(text):
            self.prose.text(text)
        else:
            self.prose.macro("Li" if text.startswith('"') else "Ql", text)

    def bold(self, element):
        self.prose.macro("Sy", " ".join(text_of(element).split()))

    def ref(self, element):
        """inet_aton(3) is a page of the system, though a bare name of ours as well."""
        mention = self.reference.mention(element)
        if mention is None or MARKED.fullmatch(text_of(element)):
            self.inline(element)
        elif mention == ("Xr", self.own, FUNCTION):
            self.prose.macro("Fn", self.own)
        else:
            self.prose.macro(*mention)

    def ulink(self, element):
        if element.get("url").startswith(HOSTS):
            self.inline(element)
        else:
            self.prose.macro("Lk", element.get("url"), text_of(element))

    # ---- paragraphs with a heading ----

    def simplesect(self, element):
        self.flush()
        getattr(self, element.get("kind") + "_section")(element)

    def titled(self, section, element):
        self.section, before = section, self.section
        self.children(element)
        self.section = before

    def title(self, element):
        """Known by then."""

    def par_section(self, element):
        self.titled(PARAGRAPHS[element.findtext("title")], element)

    def return_section(self, element):
        self.titled("RETURN VALUES", element)

    def since_section(self, element):
        self.since = text_of(element).strip()

    def see_section(self, element):
        prose, self.prose = self.prose, Prose()
        for para in element:
            self.inline(para)
        self.see |= self.prose.pages()
        self.prose = prose

    # ---- lists, tables, code ----

    def parameterlist(self, element):
        self.flush()
        self.add([".Bl -tag -width " + max(self.parameters, key=len)])
        self.children(element)
        self.add([".El"])

    def parameteritem(self, element):
        self.children(element)

    def parameternamelist(self, element):
        self.add([item("Fa", *(name.text for name in element))])

    def parameterdescription(self, element):
        self.children(element)

    def itemizedlist(self, element):
        self.flush()
        self.add([".Bl -bullet -compact"])
        self.children(element)
        self.add([".El"])

    def listitem(self, element):
        self.add([".It"])
        self.children(element)

    def table(self, element):
        self.flush()
        rows = [[self.cell(entry) for entry in row] for row in element]
        widths = (max(map(len, (cell.plain() for cell in column))) for column in zip(*rows))
        self.add([".Bl -column " + " ".join(f'"{"x" * width}"' for width in widths)])
        self.add(".It " + " Ta ".join(cell.words() for cell in row) for row in rows)
        self.add([".El"])

    def cell(self, entry):
        before, self.prose = self.prose, Prose()
        for para in entry:
            self.inline(para)
        cell, self.prose = self.prose, before
        return cell

    def programlisting(self, element):
        """Code stands where a sentence ends in a colon, else among the examples."""
        self.code([text_of(line) for line in element])

    def verbatim(self, element):
        self.code(element.text.splitlines())

    def code(self, lines):
        self.flush()
        here = self.sections[self.section][-1:]
        section = self.section if here and here[0].endswith(":") else "EXAMPLES"
        self.sections[section] += display(lines)
