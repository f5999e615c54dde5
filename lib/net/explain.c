/* SPDX-License-Identifier: MIT */
/* What Python's http.HTTPStatus has to explain. */
#include "httpd_request.h"

#include <stddef.h>

static const struct {
    int code;
    const char *text;
} texts[] = {
    {300, "Object has several resources -- see URI list"},
    {301, "Object moved permanently -- see URI list"},
    {302, "Object moved temporarily -- see URI list"},
    {303, "Object moved -- see Method and URL list"},
    {305, "You must use proxy specified in Location to access this resource"},
    {307, "Object moved temporarily -- see URI list"},
    {308, "Object moved permanently -- see URI list"},
    {400, "Bad request syntax or unsupported method"},
    {401, "No permission -- see authorization schemes"},
    {402, "No payment -- see charging schemes"},
    {403, "Request forbidden -- authorization will not help"},
    {404, "Nothing matches the given URI"},
    {405, "Specified method is invalid for this resource"},
    {406, "URI not available in preferred format"},
    {407, "You must authenticate with this proxy before proceeding"},
    {408, "Request timed out; try again later"},
    {409, "Request conflict"},
    {410, "URI no longer exists and has been permanently removed"},
    {411, "Client must specify Content-Length"},
    {412, "Precondition in headers is false"},
    {413, "Content is too large"},
    {414, "URI is too long"},
    {415, "Entity body in unsupported format"},
    {416, "Cannot satisfy request range"},
    {417, "Expect condition could not be satisfied"},
    {418, "Server refuses to brew coffee because it is a teapot."},
    {421, "Server is not able to produce a response"},
    {428, "The origin server requires the request to be conditional"},
    {429, "The user has sent too many requests in a given amount of time "
          "(\"rate limiting\")"},
    {431, "The server is unwilling to process the request because its header "
          "fields are too large"},
    {451, "The server is denying access to the resource as a consequence of a "
          "legal demand"},
    {500, "Server got itself in trouble"},
    {501, "Server does not support this operation"},
    {502, "Invalid responses from another server/proxy"},
    {503, "The server cannot process the request due to a high load"},
    {504, "The gateway server did not receive a timely response"},
    {505, "Cannot fulfill request"},
    {511, "The client needs to authenticate to gain network access"},
};

const char *sock__httpd_explain(int code)
{
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].code == code)
            return texts[i].text;
    return "";
}
