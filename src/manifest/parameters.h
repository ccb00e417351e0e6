#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/model.h"
#include "manifest/complaints.h"
#include "manifest/node.h"

namespace wanspool::yaml {

// "wan2.6-image in edit mode", "wan2.6-t2i".
std::string spoken(Model const& model, Mode const& mode);

// The value of one parameter, checked against its row; complains where it returns nothing. `who` is the model
// in its mode.
std::optional<Value> read_parameter(Parameter const& parameter, View value, std::string_view who,
                                    Complaints& complaints);

// Why a model in this mode has no parameter of this name, and what it may have been meant for.
std::string unknown_parameter(Model const& model, Mode const& mode, std::string const& name,
                              Models const& models);

// Whether any model has a parameter of this name in any mode.
bool is_parameter(Models const& models, std::string const& name);

}  // namespace wanspool::yaml
