# SPDX-License-Identifier: MIT
"""A CGI script: shows a form, and what was sent with it."""

import html
import warnings

warnings.simplefilter('ignore')
import cgi  # which Python has no more since 3.13

FORM = '''<form method="post" enctype="multipart/form-data">
<input name="name">
<input name="file" type="file">
<input type="submit">
</form>'''


def text_of(item):
    name = html.escape(item.name or '(no name)')
    if item.filename is not None:
        size = len(item.file.read())
        return f'{name}: {html.escape(item.filename)}, {size} bytes'
    return f'{name}: {html.escape(item.value)}'


form = cgi.FieldStorage()
print('Status: 200 OK\nContent-Type: text/html; charset=utf-8\n')
print('<!DOCTYPE html>\n<title>A form</title>')
print(FORM)
print('<ul>')
for item in form.list:
    print(f'<li>{text_of(item)}')
print('</ul>')
