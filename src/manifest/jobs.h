#pragma once

#include <optional>
#include <string>

#include "core/model.h"
#include "manifest/complaints.h"
#include "manifest/layers.h"
#include "manifest/manifest.h"
#include "manifest/node.h"
#include "manifest/pictures.h"
#include "manifest/prompts.h"
#include "manifest/scope.h"

namespace wanspool::yaml {

// Of a job that names none.
inline constexpr char kUsualModel[] = "wan2.6-image";

// One job with everything filled in; complains of what is wrong. Sets the request, the number of pictures and
// their place.
void read_request(Layers const& layers, Filler& filler, Models const& models, PromptFiles& prompts,
                  Pictures& pictures, Complaints& complaints, ManifestJob& job);

// The name for an id or a manifest, normalised; `otherwise` where nothing is left of it.
std::optional<std::string> read_name(View value, std::string_view what, std::string const& otherwise,
                                     Complaints& complaints);

// Complains of a model that is not in the table.
Model const* find_model(View value, Models const& models, Complaints& complaints);

}  // namespace wanspool::yaml
