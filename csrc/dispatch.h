// Selection of the kernels for this machine.
#pragma once

#include "kernels.h"

#include <string_view>
#include <vector>

namespace ossia {

// Returns the tables that this machine can run, the best last.
const std::vector<const Kernels*>& available_kernels();

// Returns the best table with that name, or the best of all if `name` is empty. Throws std::invalid_argument
// for a name that is unknown or not available here.
const Kernels& find_kernels(std::string_view name);

} // namespace ossia
