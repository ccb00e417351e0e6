#pragma once

#include <string>

#include "app/rows.h"
#include "base/sha256.h"
#include "support/place.h"

// Made-up jobs and their files.
namespace wanspool::test {

inline Instant const kNow{seconds{1'700'000'000}};  // 2023-11-14 22:13:20 UTC

inline Picture picture(int number, std::string const& bytes) {
  return {number,
          "",
          {},
          "image-" + std::to_string(number) + ".png",
          sha256_hex(bytes),
          static_cast<std::int64_t>(bytes.size()),
          3,
          4,
          0,
          ""};
}

// cats/hero, task t1, done with one picture that holds "one".
inline app::Holding done_job() {
  app::Holding holding;
  auto& row = holding.row;
  row.manifest = "cats";
  row.job = "hero";
  row.source = "cats.yaml";
  row.line = 3;
  auto& task = row.task;
  task.id = 1;
  task.name = "cats/hero";
  task.model = "wan2.6-t2i";
  task.state = State::Done;
  task.task_id = "t1";
  task.price = task.spent = {200'000};
  task.pictures = {picture(1, "one")};
  task.times.accepted = kNow;
  return holding;
}

// The same, in doubt since kNow.
inline Task doubtful_task() {
  auto task = done_job().row.task;
  task.state = State::Submitting;
  task.task_id.clear();
  task.pictures.clear();
  task.spent = {};
  task.reserved = {200'000};
  task.times = {};
  task.times.sent = kNow;
  task.possible_until = kNow + seconds{5};
  return task;
}

// A task of the account that is no job's, with one picture.
inline Task orphan_task(std::string const& task_id) {
  Task task;
  task.id = 7;
  task.orphan = true;
  task.state = State::Done;
  task.task_id = task_id;
  task.model = "wan2.6-t2i";
  task.spent = {200'000};
  task.times.accepted = kNow;
  task.pictures = {picture(1, "lost")};
  return task;
}

// A spool in a folder of its own, with the files of done_job().
struct Scene {
  Place place;
  Spool spool = Spool::at(place / "spool");
  Scene() {
    spool.make();
    write("out/cats/hero/image-1.png", "one");
    write("out/cats/hero/result.json", R"({"task_id":"t1"})");
  }
  void write(std::string const& name, std::string const& text) const { place.write("spool/" + name, text); }
  void remove(std::string const& name) const { std::filesystem::remove(spool.root / name); }
};

}  // namespace wanspool::test
