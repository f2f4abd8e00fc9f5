#include "dispatch.h"

#include <stdexcept>
#include <string>

#if defined(OSSIA_X86)
#include <cpuid.h>
#elif defined(OSSIA_ARM64) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace ossia {
namespace {

#if defined(OSSIA_X86)
struct Registers {
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Registers cpuid(unsigned leaf, unsigned subleaf) {
    Registers r;
    if (__get_cpuid_max(0, nullptr) >= leaf) __cpuid_count(leaf, subleaf, r.eax, r.ebx, r.ecx, r.edx);
    return r;
}

bool has(unsigned bits, std::initializer_list<int> wanted) {
    for (int bit : wanted)
        if ((bits >> bit & 1) == 0) return false;
    return true;
}

// Returns the register state that the operating system saves (XCR0); without it the instructions would trap.
unsigned saved_state() {
    if (!has(cpuid(1, 0).ecx, {27})) return 0;
    unsigned eax, edx;
    asm("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
    return eax;
}

void add_x86(std::vector<const Kernels*>& tables) {
    const unsigned ymm = 0x06, zmm = 0xe6, saved = saved_state();
    const Registers basic = cpuid(1, 0), extended = cpuid(7, 0);
    const bool fma_f16c = has(basic.ecx, {12, 28, 29});
    if (!fma_f16c || !has(extended.ebx, {5}) || (saved & ymm) != ymm) return;
    tables.push_back(&avx2_kernels);
    const bool f_dq_bw_vl = has(extended.ebx, {16, 17, 30, 31});
    const bool vbmi_vnni = has(extended.ecx, {1, 11});
    if (!f_dq_bw_vl || !vbmi_vnni || (saved & zmm) != zmm) return;
    tables.push_back(&avx512_kernels);
    if (has(cpuid(7, 1).eax, {5})) tables.push_back(&avx512_bf16_kernels);
}
#elif defined(OSSIA_ARM64)
bool has_dot_products() {
#if defined(__linux__)
    return getauxval(AT_HWCAP) & HWCAP_ASIMDDP;
#elif defined(__APPLE__)
    return true; // every Mac with such a processor has them
#else
    return false;
#endif
}
#endif

std::vector<const Kernels*> detect() {
    std::vector<const Kernels*> tables = {&scalar_kernels};
#if defined(OSSIA_X86)
    add_x86(tables);
#elif defined(OSSIA_ARM64)
    if (has_dot_products()) tables.push_back(&neon_kernels);
#endif
    return tables;
}

} // namespace

const std::vector<const Kernels*>& available_kernels() {
    static const std::vector<const Kernels*> tables = detect();
    return tables;
}

const Kernels& find_kernels(std::string_view name) {
    const auto& tables = available_kernels();
    for (auto table = tables.rbegin(); table != tables.rend(); ++table)
        if (name.empty() || name == (*table)->name) return **table;
    std::string known;
    for (const Kernels* table : tables)
        if (!known.ends_with(table->name)) known += std::string(known.empty() ? "" : ", ") + table->name;
    throw std::invalid_argument("no instruction set '" + std::string(name) +
                                "' here; this machine has: " + known);
}

} // namespace ossia
