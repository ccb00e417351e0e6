#include "manifest/config_caps.h"

#include <fmt/format.h>

#include "manifest/fields.h"
#include "manifest/jobs.h"
#include "manifest/terms.h"

namespace wanspool::yaml {
namespace {

Keys const kAccountBudget{"'budget'", {"day", "month", "models"}};
Keys const kBudget{"'budget'", {"day", "month", "models", "submitter"}};
Keys const kSubmitter{"'submitter'", {"day", "month"}};
Keys const kPeriods{"a model's budget", {"day", "month"}};

void read_period(Field const& field, std::string_view currency, Purse::Periods& caps,
                 Complaints& complaints) {
  auto& budget = field.key.text() == "day" ? caps.day : caps.month;
  if (!field.value.is(Node::Kind::Null)) read_budget(field.value, currency, budget, complaints);
}

}  // namespace

Purse read_purse(View map, Models const& models, std::string_view currency, Complaints& complaints,
                 Purse::Periods* submitter) {
  Purse purse;
  Fields const fields{map, submitter ? kBudget : kAccountBudget, complaints};
  for (auto const& field : fields.all()) {
    if (field.key.text() == "submitter") {
      if (field.value.is(Node::Kind::Null)) continue;
      Fields const periods{field.value, kSubmitter, complaints};
      for (auto const& each : periods.all()) read_period(each, currency, *submitter, complaints);
      continue;
    }
    if (field.key.text() != "models") {
      read_period(field, currency, purse.all, complaints);
      continue;
    }
    auto const& by_model = field.value;
    if (by_model.is(Node::Kind::Null)) continue;
    if (!by_model.is(Node::Kind::Map)) {
      complaints.add(by_model, fmt::format("models is a map by model, such as wan2.6-image: {{ day: {{ "
                                           "pictures: 500 }} }}, not {}",
                                           spoken(by_model)));
      continue;
    }
    for (std::size_t i = 0; i + 1 < by_model.size(); i += 2) {
      auto const* const model = find_model(by_model[i], models, complaints);
      Fields const periods{by_model[i + 1], kPeriods, complaints};
      Purse::Periods its;
      for (auto const& each : periods.all()) read_period(each, currency, its, complaints);
      if (model != nullptr) purse.models[model->name] = its;
    }
  }
  return purse;
}

}  // namespace wanspool::yaml
