#pragma once

#include <optional>
#include <string_view>

#include "core/model.h"
#include "manifest/complaints.h"
#include "manifest/node.h"

// Parameters whose values are lists and maps (contract §2.2, wan2.7). Each complains where it returns
// nothing.
namespace wanspool::yaml {

// For each input picture a list of boxes [x1, y1, x2, y2]; empty for one that has none.
std::optional<Value> read_boxes(Parameter const& parameter, View value, std::string_view who,
                                Complaints& complaints);

// Colours with the share that each has of the picture, 100 % together.
std::optional<Value> read_palette(Parameter const& parameter, View value, std::string_view who,
                                  Complaints& complaints);

// Complains of boxes for more or fewer pictures than there are.
void check_boxes(Parameter const& parameter, View value, std::size_t images, Complaints& complaints);

}  // namespace wanspool::yaml
