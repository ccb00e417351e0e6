#include "whole/books.h"

#include <doctest/doctest.h>
#include <png.h>

#include <algorithm>

#include "base/sha256.h"
#include "core/money.h"

namespace wanspool::whole {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> files_in(fs::path const& folder) {
  std::vector<fs::path> files;
  if (!fs::exists(folder)) return files;
  for (auto const& entry : fs::recursive_directory_iterator{folder})
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

// What stands in the ledger by one of its keys comes to the provider's bill, to the last micro.
void check_ledger(House const& house, nlohmann::json const& bill, std::string const& by) {
  auto const said = house.run({"ledger", "--json", "--by", by});
  INFO("by ", by, ": ", said.out, said.err);
  CHECK(said.code == 0);
  Money sum;
  std::int64_t pictures = 0;
  for (auto const& line : lines_of(said.out)) {
    auto const row = nlohmann::json::parse(line);
    sum += read_money(row["cost"]["spent"].get<std::string>()).value();
    pictures += row["pictures"].get<std::int64_t>();
  }
  CHECK(sum == read_money(bill["cost"].get<std::string>()).value());
  CHECK(pictures == bill["charged_pictures"]);
}

void check_verify(House const& house, std::vector<std::string> const& arguments) {
  auto const said = house.run(arguments);
  INFO("verify says: ", said.out, said.err);
  CHECK(said.code == 0);
}

}  // namespace

std::vector<fs::path> pictures_in(fs::path const& out) {
  auto files = files_in(out);
  std::erase_if(files, [](fs::path const& each) { return each.extension() != ".png"; });
  return files;
}

bool is_whole_picture(fs::path const& file) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_file(&image, file.c_str())) return false;
  image.format = PNG_FORMAT_RGB;
  std::vector<png_byte> pixels(PNG_IMAGE_SIZE(image));
  bool const whole = png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr) != 0;
  return whole && image.width == 64 && image.height == 64;
}

void check_books(House const& house, Emulator const& emulator) {
  auto const bill = emulator.ledger();
  auto const tally = house.tally();
  CHECK(bill["creates"]["same_body_again"] == 0);
  for (auto const& task : bill["tasks"]) CHECK(task["creates_of_body"] == 1);

  std::vector<fs::path> pictures;
  for (auto const& tree : {house.spool.out, house.spool.orphans}) {
    for (auto const& each : pictures_in(tree)) pictures.push_back(each);
    for (auto const& each : files_in(tree)) CHECK_MESSAGE(each.extension() != ".part", each.string());
  }
  for (auto const& each : pictures) CHECK_MESSAGE(is_whole_picture(each), each.string());
  CHECK(bill["charged_pictures"] == pictures.size());

  auto const cost = house.json({"status", "--json"})["cost"];
  CHECK(read_money(cost["spent"].get<std::string>()) == read_money(bill["cost"].get<std::string>()));
  CHECK(cost["uncertain"] == "0.00");
  if (tally[State::Held] == 0) CHECK(cost["reserved"] == "0.00");
  for (auto const* const by : {"day", "model", "manifest", "job"}) check_ledger(house, bill, by);
  check_verify(house, {"verify"});
}

void check_account(House const& house) {
  check_verify(house, {"verify", "--provider"});
}

std::vector<std::string> tasks_for(Emulator const& emulator, std::string const& prompt) {
  std::vector<std::string> ids;
  auto const bill = emulator.ledger();
  for (auto const& task : bill["tasks"])
    if (task["prompt_sha256"] == sha256_hex(prompt)) ids.push_back(task["task_id"]);
  return ids;
}

}  // namespace wanspool::whole
