# SPDX-License-Identifier: MIT
"""A CGI script: shows a form, and what was sent with it."""

import html
import warnings

warnings.simplefilter('ignore')
import cgi  # which Python has no more since 3.13

PAGE = '''<!DOCTYPE html>
<html lang="en">
<meta name="viewport" content="width=device-width">
<style>:root { color-scheme: light dark; font: 1rem/1.5 sans-serif }
body { max-width: 60rem; margin: 0 auto; padding: 1rem }
input, button { font: inherit; max-width: 100% }
ul { padding-left: 1rem; overflow-wrap: anywhere }</style>
<title>A form</title>'''
FORM = '''<form method="post" enctype="multipart/form-data">
<p><label>Name<br><input name="name"></label></p>
<p><label>File<br><input name="file" type="file"></label></p>
<p><button>Send</button></p>
</form>'''


def text_of(item):
    name = html.escape(item.name or '(no name)')
    if item.filename is not None:
        size = len(item.file.read())
        return f'{name}: {html.escape(item.filename)}, {size} bytes'
    return f'{name}: {html.escape(item.value)}'


form = cgi.FieldStorage()
print('Status: 200 OK\nContent-Type: text/html; charset=utf-8\n')
print(PAGE)
print(FORM)
print('<ul>')
for item in form.list:
    print(f'<li>{text_of(item)}')
print('</ul>')
