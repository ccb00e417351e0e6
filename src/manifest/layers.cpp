#include "manifest/layers.h"

#include <fmt/format.h>

#include <algorithm>

#include "manifest/jobs.h"
#include "manifest/keys.h"
#include "manifest/manifest.h"
#include "manifest/parameters.h"
#include "manifest/patterns.h"
#include "manifest/placeholders.h"

namespace wanspool::yaml {
namespace {

// Known without any job: a default or an override is wrong for all of them.
void check_model(Fields const& fields, Models const& models, Complaints& complaints) {
  auto const* const model = fields.find("model");
  if (model == nullptr || model->value.is(Node::Kind::Null)) return;
  if (model->value.is(Node::Kind::Scalar) && has_placeholder(model->value.text())) return;
  find_model(model->value, models, complaints);
}

void check_parameters(Fields const& fields, Models const& models, Complaints& complaints) {
  auto const* const parameters = fields.find("parameters");
  if (parameters == nullptr || !parameters->value.is(Node::Kind::Map)) return;
  std::vector<std::string> names;
  for (auto const& [name, model] : models)
    for (auto const& mode : model.modes)
      for (auto const& each : mode.parameters) names.push_back(each.name);
  for (std::size_t i = 0; i + 1 < parameters->value.size(); i += 2)
    if (auto const key = parameters->value[i]; !is_parameter(models, key.text()) && key.text() != "<<")
      complaints.add(
          key, fmt::format("no model has a parameter '{}'{}", key.text(), did_you_mean(key.text(), names)));
}

}  // namespace

Defaults::Defaults(Node const& node, Models const& models, Complaints& complaints) {
  View const map{node};
  if (map.is(Node::Kind::Null)) return;
  auto keys = keys_of(default_keys());
  for (auto const& each : job_keys().rows)
    if (std::find(keys.known.begin(), keys.known.end(), each.name) == keys.known.end())
      keys.known.emplace_back(each.name);
  fields_ = Fields{map, keys, complaints};
  unknown_ = !map.is(Node::Kind::Map);
  for (auto const& [key, value] : fields_.all()) {
    auto const& known = default_keys().rows;
    if (std::none_of(known.begin(), known.end(),
                     [&, &key = key](KeyRow const& row) { return row.name == key.text(); }))
      complaints.add(key, fmt::format("'{}' belongs to a job and can be no default", key.text()));
  }
  check_model(fields_, models, complaints);
  check_parameters(fields_, models, complaints);
}

std::optional<View> Defaults::find(std::string_view key, std::size_t user) const {
  auto const* const found = fields_.find(key);
  if (found == nullptr || found->value.is(Node::Kind::Null)) return {};
  return View{found->value.node(), user};
}

Overrides::Overrides(Node const& node, Models const& models, Complaints& complaints) {
  View const map{node};
  if (map.is(Node::Kind::Null)) return;
  if (!map.is(Node::Kind::Map)) {
    complaints.add(map, fmt::format("overrides is a map of names to what is other, not {}", spoken(map)));
    return;
  }
  auto const keys = keys_of(override_keys());
  for (std::size_t i = 0; i + 1 < map.size(); i += 2) {
    auto pattern = normal_pattern(map[i].text());
    if (pattern.empty()) {
      complaints.add(map[i], fmt::format("'{}' names no job", shortened(map[i].text())));
      continue;
    }
    One one{std::move(pattern), map[i].at(), Fields{map[i + 1], keys, complaints}};
    check_model(one.fields, models, complaints);
    check_parameters(one.fields, models, complaints);
    all_.push_back(std::move(one));
  }
  std::reverse(all_.begin(), all_.end());
}

std::vector<Fields const*> Overrides::matching(std::string_view job) {
  std::vector<Fields const*> found;
  for (auto& each : all_) {
    if (!means(each.pattern, job)) continue;
    each.used = true;
    found.push_back(&each.fields);
  }
  return found;
}

void Overrides::warn_of_unused(Complaints& warnings) const {
  for (auto const& each : all_)
    if (!each.used)
      warnings.add(each.at, fmt::format("no job is called '{}', so this changes nothing", each.pattern));
}

Field const* Layers::find_own(std::string_view key) const {
  for (auto const* const each : overrides)
    if (auto const* const found = each->find(key)) return found;
  return own->find(key);
}

std::optional<View> Layers::find(std::string_view key) const {
  if (auto const* const found = find_own(key))
    return found->value.is(Node::Kind::Null) ? std::nullopt : std::optional{found->value};
  return defaults->find(key, job.at());
}

std::vector<Layers::Given> Layers::parameters(Complaints& complaints) const {
  std::vector<Given> given;
  bool taken_away = false;
  auto const add = [&](View map, bool is_own) {
    if (map.is(Node::Kind::Null)) taken_away = true;
    if (taken_away) return;
    if (!map.is(Node::Kind::Map)) {
      complaints.add(map, fmt::format("parameters is a map such as {{ n: 2 }}, not {}", spoken(map)));
      return;
    }
    for (std::size_t i = 0; i + 1 < map.size(); i += 2) {
      auto const is_same = [&](Given const& each) { return each.field.key.text() == map[i].text(); };
      if (map[i].is(Node::Kind::Scalar) && std::none_of(given.begin(), given.end(), is_same))
        given.push_back({{map[i], map[i + 1]}, is_own});
    }
  };
  for (auto const* const each : overrides)
    if (auto const* const found = each->find("parameters")) add(found->value, true);
  if (auto const* const found = own->find("parameters")) add(found->value, true);
  if (auto const inherited = defaults->find("parameters", job.at())) add(*inherited, false);
  return given;
}

}  // namespace wanspool::yaml
