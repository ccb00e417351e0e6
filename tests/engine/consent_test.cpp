#include "engine/consent.h"

#include <doctest/doctest.h>

using namespace wanspool;

TEST_SUITE_BEGIN("engine");

namespace {

constexpr Money yuan(std::int64_t amount) {
  return {amount * 1'000'000};
}

// 1070 pictures at 0.20, in a house that asks above 50.
Bill bill() {
  Bill bill;
  bill.price = yuan(214);
  bill.pictures = 1070;
  bill.ask_above = yuan(50);
  bill.currency = "CNY";
  return bill;
}

Bill within(std::optional<Money> cost, std::optional<std::int64_t> pictures = {}) {
  auto with = bill();
  with.budget = {pictures, cost};
  return with;
}

}  // namespace

TEST_CASE("a price above what may pass unasked is refused with the line to add") {
  CHECK(why_not_taken(bill()) ==
        "this would newly cost 214.00 CNY at most (1070 pictures); to agree, add the line: "
        "budget: { cost: 214.00 CNY }");
}

TEST_CASE("a small price passes, and one of exactly the limit too") {
  auto small = bill();
  small.price = yuan(50);
  CHECK(why_not_taken(small).empty());
  small.price += Money{1};
  CHECK_FALSE(why_not_taken(small).empty());
}

TEST_CASE("a budget that covers the plan says yes to it") {
  CHECK(why_not_taken(within(yuan(214))).empty());
  CHECK(why_not_taken(within(yuan(214), 1070)).empty());
  CHECK(why_not_taken(within(yuan(213))) ==
        "this would newly cost 214.00 CNY at most (1070 pictures), which is more than its budget; "
        "to agree, raise the budget to: budget: { cost: 214.00 CNY }");
}

TEST_CASE("what a manifest has cost before counts against its budget") {
  auto again = within(yuan(220));
  again.before = yuan(10);
  again.pictures_before = 50;
  CHECK(
      why_not_taken(again) ==
      "this would newly cost 214.00 CNY at most (1070 pictures), beside 10.00 CNY (50 pictures) that it has "
      "cost or will, which is more than its budget; to agree, raise the budget to: "
      "budget: { cost: 224.00 CNY }");
  again.budget.cost = yuan(224);
  CHECK(why_not_taken(again).empty());
}

TEST_CASE("a yes to the price is enough, also where the manifest's own budget is smaller") {
  auto agreed = bill();
  agreed.agreed = yuan(214);
  CHECK(why_not_taken(agreed).empty());
  agreed.agreed = yuan(213);
  CHECK_FALSE(why_not_taken(agreed).empty());
  agreed.agreed = yuan(214);
  agreed.budget.cost = yuan(100);
  CHECK(why_not_taken(agreed).empty());
}

TEST_CASE("a budget of pictures alone says nothing about money, and is kept all the same") {
  CHECK(why_not_taken(within({}, 2000))
            .ends_with("raise the budget to: budget: { pictures: 2000, cost: 214.00 CNY }"));
}

TEST_CASE("what may pass unasked is taken though its budget is smaller: the rest waits") {
  auto small = within(yuan(1), 4);
  small.price = yuan(2);
  small.pictures = 5;
  CHECK(why_not_taken(small).empty());
}

TEST_CASE("what buys nothing is taken whatever its budget") {
  auto nothing = within(yuan(1));
  nothing.price = {};
  nothing.pictures = 0;
  nothing.before = yuan(10);
  CHECK(why_not_taken(nothing).empty());
}
