#include <rfim/status.h>

static const char *const names[] = {
#define NAME(code, exit_status, text) "RFIM_" #code,
    RFIM_STATUS_LIST(NAME)
#undef NAME
};

static const char *const texts[] = {
#define TEXT(code, exit_status, text) text,
    RFIM_STATUS_LIST(TEXT)
#undef TEXT
};

static const int exits[] = {
#define EXIT(code, exit_status, text) exit_status,
    RFIM_STATUS_LIST(EXIT)
#undef EXIT
};

static int known(rfim_status status)
{
    return (int)status >= 0 && status < RFIM_STATUS_COUNT;
}

const char *rfim_status_name(rfim_status status)
{
    return known(status) ? names[status] : "RFIM_UNKNOWN";
}

const char *rfim_status_text(rfim_status status)
{
    return known(status) ? texts[status] : "a status that rfim does not know";
}

int rfim_status_exit(rfim_status status)
{
    return known(status) ? exits[status] : 1;
}
