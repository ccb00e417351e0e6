#include "whole/books.h"

#include <doctest/doctest.h>
#include <png.h>

#include <algorithm>

#include "core/money.h"

namespace wanspool::whole {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> files_in(fs::path const& folder) {
  std::vector<fs::path> files;
  for (auto const& entry : fs::recursive_directory_iterator{folder})
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

// Pictures and money of tasks that were made and that no job of ours knows: held jobs may have bought them.
struct Strays {
  std::int64_t tasks = 0, pictures = 0;
  Money cost;
};

Strays strays_in(nlohmann::json const& ledger, House const& house) {
  std::vector<std::string> ours;
  for (auto const& line : lines_of(house.run({"list", "--json"}).out)) {
    auto const job = nlohmann::json::parse(line);
    if (job["task_id"].is_string()) ours.push_back(job["task_id"]);
  }
  Strays strays;
  for (auto const& task : ledger["tasks"]) {
    if (std::find(ours.begin(), ours.end(), task["task_id"]) != ours.end()) continue;
    ++strays.tasks;
    strays.pictures += task["charged_pictures"].get<std::int64_t>();
    strays.cost += read_money(task["cost"].get<std::string>()).value();
  }
  return strays;
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
  auto const ledger = emulator.ledger();
  auto const tally = house.tally();
  CHECK(ledger["creates"]["same_body_again"] == 0);
  for (auto const& task : ledger["tasks"]) CHECK(task["creates_of_body"] == 1);

  auto const strays = strays_in(ledger, house);
  CHECK(strays.tasks <= tally[State::Held]);
  auto const pictures = pictures_in(house.spool.out);
  CHECK(ledger["charged_pictures"] == pictures.size() + static_cast<std::size_t>(strays.pictures));
  CHECK(tally.pictures == static_cast<std::int64_t>(pictures.size()));
  for (auto const& each : pictures) CHECK_MESSAGE(is_whole_picture(each), each.string());
  for (auto const& each : files_in(house.spool.out)) CHECK(each.extension() != ".part");

  auto const cost = house.json({"status", "--json"})["cost"];
  auto const spent = read_money(cost["spent"].get<std::string>()).value();
  CHECK((spent + strays.cost).micros == read_money(ledger["cost"].get<std::string>()).value().micros);
  CHECK(cost["uncertain"] == "0.00");
  if (tally[State::Held] == 0) CHECK(cost["reserved"] == "0.00");
}

}  // namespace wanspool::whole
