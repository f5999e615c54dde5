# SPDX-License-Identifier: MIT
# What Doxygen shows of docs/snippets: the body of a function, from its first column.
/^    \/\/! \[/,/^    \/\/! \[/s/^    //
