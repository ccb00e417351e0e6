#pragma once

#include "engine/spool.h"
#include "store/store.h"
#include "support/place.h"
#include "support/process.h"

// The program as a shell starts it, in a folder of its own with a spool/ in it.
namespace wanspool::test {

inline Process::Setup call(Place const& place, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), WANSPOOL_PROGRAM);
  return {std::move(arguments),
          {{"WANSPOOL_ROOT", ""},
           {"DASHSCOPE_API_KEY", ""},
           {"CREDENTIALS_DIRECTORY", ""},
           {"NOTIFY_SOCKET", ""},
           // Nobody listens there: what would buy finds nobody to buy from.
           {"DASHSCOPE_HTTP_BASE_URL", "http://127.0.0.1:9/api/v1"}},
          place.path().string(),
          {}};
}

inline Finished wanspool_says(Place const& place, std::vector<std::string> arguments) {
  return finish(call(place, std::move(arguments)));
}

// A database as a run leaves it: one job done, one held.
inline void fill(Place const& place) {
  auto const spool = Spool::at(place / "spool");
  spool.make();
  auto const store = open_store(spool.database);
  Instant const now{seconds{1'700'000'000}};
  auto const manifest = store->begin_manifest({"cats", "1-cats.yaml", "cats.yaml", "00", now});
  std::vector<NewJob> const jobs{{"hero", 3, "f1", R"({"model":"m"})", "wan2.6-t2i", 1, {200'000}},
                                 {"two", 4, "f2", R"({"model":"m"})", "wan2.6-t2i", 2, {200'000}}};
  store->add_jobs(manifest, jobs);
  store->publish_manifest(manifest, now);
  Batch batch;
  for (auto task : store->queued("wan2.6-t2i", 10, [](std::int64_t) { return false; })) {
    bool const first = task.name.ends_with("hero");
    task.state = first ? State::Done : State::Held;
    if (first) {
      task.pictures = {{1, "", {}, "image-1.png", "ab", 12, 3, 4, 0, ""}};
      task.spent = {200'000};
    } else {
      task.reserved = {400'000};
      task.error = {Trouble::Kind::Unknown, "Unanswered", "the line went dead", {}, false};
    }
    batch.tasks.push_back(task);
  }
  batch.lanes.push_back({"wan2.6-t2i", {Weather::Kind::Throttled, now, now, 1, "Throttling"}});
  store->commit(batch);
  store->set_fact("origin", "emulator");
}

}  // namespace wanspool::test
