#include "engine/consent.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/count.h"

namespace wanspool {
namespace {

// The budget that would do, as a line of the manifest; what it has and what is enough stays.
std::string line_for(Bill const& bill) {
  std::string line;
  if (bill.budget.pictures)
    line = fmt::format("pictures: {}", std::max(*bill.budget.pictures, bill.pictures_before + bill.pictures));
  line += fmt::format("{}cost: {} {}", line.empty() ? "" : ", ",
                      decimal(std::max(bill.budget.cost.value_or(Money{}), bill.before + bill.price)),
                      bill.currency);
  return "budget: { " + line + " }";
}

}  // namespace

std::string why_not_taken(Bill const& bill) {
  if (bill.pictures == 0 && bill.price == Money{}) return {};
  auto const& [most_pictures, most_cost] = bill.budget;
  auto const cost = bill.before + bill.price;
  bool const covered = most_cost && *most_cost >= cost;
  bool const too_small =
      (most_cost && !covered) || (most_pictures && *most_pictures < bill.pictures_before + bill.pictures);
  bool const said = bill.price <= bill.ask_above || covered || (bill.agreed && *bill.agreed >= bill.price);
  if (said) return {};
  auto words = fmt::format("this would newly cost {} {} at most ({})", decimal(bill.price), bill.currency,
                           count_of(bill.pictures, "picture"));
  if (bill.before != Money{} || (most_pictures && bill.pictures_before > 0))
    words += fmt::format(", beside {} {} ({}) that it has cost or will", decimal(bill.before), bill.currency,
                         count_of(bill.pictures_before, "picture"));
  bool const has_budget = most_cost || most_pictures;
  if (too_small) words += ", which is more than its budget";
  return fmt::format("{}; to agree, {}: {}", words, has_budget ? "raise the budget to" : "add the line",
                     line_for(bill));
}

}  // namespace wanspool
