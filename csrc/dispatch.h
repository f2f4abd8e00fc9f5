// Which kernels this machine can run, and which it runs.
#pragma once

#include "kernels.h"

#include <string_view>
#include <vector>

namespace ossia {

// The tables compiled in that this machine can run, the best last.
const std::vector<const Kernels*>& available_kernels();

// The best table with that name; the best of all when `name` is empty. Throws std::invalid_argument for a
// name that is unknown or not available here.
const Kernels& find_kernels(std::string_view name);

} // namespace ossia
