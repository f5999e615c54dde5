/* SPDX-License-Identifier: MIT */
/* Runs a target on every file of the folders named, with any compiler. */
#include <dirent.h>

#include "fuzz.h"

static void replay(const char *folder, const char *name)
{
    char path[4096];
    long size;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    claim(file != NULL && fseek(file, 0, SEEK_END) == 0);
    size = ftell(file);
    claim(size >= 0);
    rewind(file);
    uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
    claim(data != NULL);
    claim(fread(data, 1, (size_t)size, file) == (size_t)size);
    fclose(file);
    LLVMFuzzerTestOneInput(data, (size_t)size);
    free(data);
}

static int replay_all(const char *folder)
{
    struct dirent *entry;
    int files = 0;
    DIR *dir = opendir(folder);

    claim(dir != NULL);
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        replay(folder, entry->d_name);
        files++;
    }
    closedir(dir);
    return files;
}

int main(int argc, char **argv)
{
    int files = 0;

    LLVMFuzzerTestOneInput(NULL, 0);
    for (int i = 1; i < argc; i++)
        if (argv[i][0] != '-') /* an option of libFuzzer */
            files += replay_all(argv[i]);
    printf("%d inputs\n", files);
    return files > 0 ? 0 : 1;
}
