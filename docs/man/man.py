#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""man.py XML OUT: the man pages of the library, from what Doxygen says of it.

XML is the folder that Doxygen wrote. Of it OUT/man3 gets a page for each function,
and OUT/man7 one for each group, with its types and constants; there a link for each
type, too, and pysockc.7, which is written by hand.
"""

import datetime
import pathlib
import re
import sys

sys.dont_write_bytecode = True
from entry import FUNCTION, GROUP, Entry, Reference, group_name, text_of
from mdoc import argument, item, macro

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
LIBRARY = "Python's socket module in C (libpysockc, \\-lpysockc)"
ORDER = ["DESCRIPTION", "RETURN VALUES", "EXAMPLES", "ERRORS", "SEE ALSO", "STANDARDS", "HISTORY"]


# ---- pages ------------------------------------------------------------------

def date():
    """That of the newest version which has one."""
    found = re.search(r"^## .*(\d{4}-\d\d-\d\d)", (TOP / "CHANGELOG.md").read_text(), re.M)
    if not found:
        sys.exit("man.py: no version in CHANGELOG.md has a date")
    return datetime.date.fromisoformat(found[1]).strftime("%B %-d, %Y")


def lower(text):
    """Without the capital that begins a sentence."""
    return text[0].lower() + text[1:] if re.match(r"[A-Z][a-z ]", text) else text


def see_also(pages):
    lines = [macro("Xr", name, section) for section, name in sorted(pages)]
    return [line + " ," for line in lines[:-1]] + lines[-1:]


def page(reference, names, section, brief, synopsis, sections):
    lines = ['.\\" Made by docs/man/man.py.',
             f".Dd {date()}",
             f".Dt {names[0].upper()} {section}",
             f".Os libpysockc {reference.version}",
             ".Sh NAME",
             *(macro("Nm", name) + " ," for name in names[:-1]), macro("Nm", names[-1]),
             ".Nd " + " ".join(map(argument, lower(brief.rstrip(".")).split())),
             *([".Sh LIBRARY", LIBRARY] if section == FUNCTION else []),
             ".Sh SYNOPSIS", *synopsis]
    for title in ORDER:
        if sections[title]:
            lines += [".Sh " + title, *sections[title]]
    return "\n".join(lines) + "\n"


def include(element):
    return f".In {element.find('.//location').get('file')}"


def declaration(parameter):
    """Type and name, as the header has them."""
    text = text_of(parameter.find("type")) + " " + (parameter.findtext("declname") or "")
    return text.replace("* ", "*").strip() + (parameter.findtext("array") or "")


def function_page(reference, group, function):
    name = function.findtext("name")
    entry = Entry(reference, function)
    parameters = [declaration(parameter) for parameter in function.iterfind("param")]
    synopsis = [include(function), macro("Ft", text_of(function.find("type"))), macro("Fo", name),
                *(macro("Fa", parameter) for parameter in parameters or ["void"]), ".Fc"]
    pages = entry.see | {(GROUP, group_name(group)), (GROUP, "pysockc")}
    if entry.sections["ERRORS"]:
        pages.add((GROUP, "pysockc_error"))
    entry.sections["SEE ALSO"] = see_also(pages)
    entry.sections["HISTORY"] = [macro("Fn", name), f"first appeared in libpysockc {entry.since}."]
    return page(reference, [name], FUNCTION, entry.brief.plain(), synopsis, entry.sections)


# ---- groups -----------------------------------------------------------------

def described(reference, element, term):
    """An item of a list: all that is said of one thing."""
    sections = Entry(reference, element).sections
    lines = [term, *sections["DESCRIPTION"]]
    if sections["RETURN VALUES"]:
        lines += [".Pp", "Returns", *sections["RETURN VALUES"]]
    return lines


def listed(title, items, form="-tag -width Ds"):
    if not items:
        return []
    return [".Ss " + title, ".Bl " + form, *(line for item in items for line in item), ".El"]


def fields(reference, struct):
    """Type and name of each. Doxygen loses of which union a field is."""
    header = (TOP / "include" / struct.find("includes").text).read_text()
    unions = {field: union for body, union in re.findall(r"union \{(.*?)\} (\w+);", header, re.S)
              for field in re.findall(r"(\w+);", body)}
    for field in struct.iter("memberdef"):
        name = field.findtext("name")
        name = f"{unions[name]}.{name}" if name in unions else name
        kind = re.sub(r"union .*", "union", text_of(field.find("type")))
        text = f"{kind} {name}{field.findtext('argsstring')}".replace("* ", "*")
        yield described(reference, field, item("Vt", text))


def inner(items):
    items = [line for item in items for line in item]
    return [".Bl -tag -width Ds -compact", *items, ".El"] if items else []


def structure(reference, struct):
    term = item("Vt", struct.findtext("compoundname"))
    return described(reference, struct, term) + inner(fields(reference, struct))


def definition(reference, member):
    """A typedef or an enumeration."""
    name = member.findtext("name")
    text = (member.findtext("definition") or "").replace("typedef ", "")
    term = text.replace("(* ", " (*").replace(") (", ")(") if "(" in text else name
    values = (described(reference, value, item("Dv", value.findtext("name")))
              for value in member.iterfind("enumvalue"))
    return described(reference, member, item("Vt", term)) + inner(values)


def group_types(reference, group):
    """Name and item of each type of a group."""
    for kind in ("typedef", "enum"):
        for member in group.iterfind(f"sectiondef/memberdef[@kind='{kind}']"):
            yield member.findtext("name"), definition(reference, member)
    for struct in group.iterfind("innerclass"):
        yield struct.text, structure(reference, reference.compounds[struct.get("refid")])


def functions(group):
    return group.findall("sectiondef/memberdef[@kind='function']")


def group_page(reference, group, types):
    entry = Entry(reference, group)
    calls = [[item("Xr", function.findtext("name"), FUNCTION),
              *Entry(reference, function).brief.lines()] for function in functions(group)]
    constants = [described(reference, define, item("Dv", define.findtext("name")))
                 for define in group.iterfind("sectiondef/memberdef[@kind='define']")]
    entry.sections["DESCRIPTION"] += [*listed("Functions", calls, "-tag -width Ds -compact"),
                                      *listed("Types", types.values()),
                                      *listed("Constants", constants)]
    entry.sections["SEE ALSO"] = see_also(entry.see | {(GROUP, "pysockc")})
    names = [group_name(group), *types]
    title = group.findtext("title") + " (libpysockc)"
    return page(reference, names, GROUP, title, [include(group)], entry.sections)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def main(xml, out):
    reference = Reference(pathlib.Path(xml))
    out = pathlib.Path(out)
    for group in reference.groups:
        name = group_name(group)
        types = dict(group_types(reference, group))
        write(out / f"man7/{name}.7", group_page(reference, group, types))
        for link in types:
            write(out / f"man7/{link}.7", f".so man7/{name}.7\n")
        for function in functions(group):
            write(out / f"man3/{function.findtext('name')}.3",
                  function_page(reference, group, function))
    write(out / "man7/pysockc.7", (HERE / "pysockc.7").read_text())


main(*sys.argv[1:])
