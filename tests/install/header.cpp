// The public headers are C++17 as well, names with C linkage included.
#include <rfim/rfim.h>
#include <type_traits>

static_assert(std::is_standard_layout<rfim_context_options>::value, "an option struct is plain");

int main()
{
    rfim_context *context = nullptr;
    if (rfim_context_create(nullptr, &context) != RFIM_OK)
        return 1;
    rfim_context_free(context);
}
