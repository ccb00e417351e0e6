#include <set>
#include <system_error>

#include "engine/engine.h"
#include "engine/older.h"
#include "engine/output.h"
#include "engine/paths.h"

// A job's place may become another one while its pictures are under way.
namespace wanspool {

namespace fs = std::filesystem;

namespace {

bool is_astray(Task const& task, Picture const& picture) {
  return !picture.file.empty() && picture.file != PicturePaths{task}.file(picture.number);
}

// A picture's way to its new place.
struct Way {
  fs::path from, displaced;
  bool is_others = false;  // the old place: it is not ours to remove
  std::shared_ptr<PictureSink> sink;
};

// Where the pictures are of other jobs that share the purchase.
std::set<fs::path> places_of_others(Store& store, Spool const& spool, Task const& task) {
  std::set<fs::path> places;
  auto const root = task.parent == 0 ? std::nullopt : store.wanted(task.name);
  for (auto const& name : store.jobs_of(root ? root->task.id : task.id)) {
    auto const place = name == task.name ? std::nullopt : store.place(manifest_of(name), job_of(name));
    if (!place) continue;
    for (auto const& picture : task.pictures)
      places.insert(spool.out / below_out(name, PicturePaths{name, *place, task}.file(picture.number)));
  }
  return places;
}

}  // namespace

// What the queue says of it by now. Returns whether that is new.
bool Engine::refresh_place(std::int64_t id) {
  auto& task = tasks_.at(id);
  if (task.orphan) return false;
  auto place = store_.place(manifest_of(task.name), job_of(task.name));
  if (!place || *place == task.place) return false;
  task.place = std::move(*place);
  return true;
}

// Whether a picture lies where it would not be looked for; then they are all brought to their place, and the
// task is taken up again after that.
bool Engine::settle_places(Task const& task) {
  if (task.orphan) return false;
  auto const& spool = settings_.spool;
  std::vector<Way> ways;
  for (auto const& picture : task.pictures)
    if (is_astray(task, picture))
      ways.push_back({spool.picture_path(task.name, picture.file),
                      displaced_file(spool.displaced_folder(task.name), picture.sha256), false,
                      sink_for(task, picture)});
  if (ways.empty()) return false;
  auto const others = places_of_others(store_, spool, task);
  for (auto& way : ways) way.is_others = others.contains(way.from);
  auto const id = task.id;
  ++busy_[id];
  workers_.submit([this, id, ways, place = task.place]() -> Workers::After {
    std::vector<Picture> there;
    std::string trouble;
    try {
      for (auto const& way : ways) {
        auto const from = first_with_sum({way.from, way.displaced}, way.sink->wanted().sha256);
        there.push_back(bring(from, *way.sink));
        if (from == way.from && !way.is_others) take_away(from, there.back().sha256);
      }
    } catch (std::system_error const& error) {
      trouble = trouble_of(error).message;
    }
    return [this, id, there, trouble] {
      land(id);
      auto moved = tasks_.at(id);
      for (auto const& picture : there)
        for (auto& known : moved.pictures)
          if (known.number == picture.number) known.file = picture.file;
      take_over_places(moved);
      if (trouble.empty()) return publish_again(id);
      publish_later(id, {Trouble::Kind::Lane, "Disk", trouble});
    };
  });
  return true;
}

// One that is gone is found missing by whoever looks at the new place.
Picture Engine::bring(fs::path const& from, PictureSink& sink) {
  if (!copy_picture(from, sink)) {
    auto const trouble = sink.disk_trouble();
    auto const complaint = sink.complaint();
    sink.discard();
    if (trouble)
      throw std::system_error{std::make_error_code(std::errc::no_space_on_device), trouble->message};
    // It was there a moment ago: whatever has taken its place has put it elsewhere.
    if (!from.empty() && !sink.wanted().sha256.empty())
      throw std::system_error{std::make_error_code(std::errc::resource_unavailable_try_again),
                              from.string() + ": " + complaint};
    return sink.wanted();
  }
  auto const news = sink.finish();
  if (auto const* missed = std::get_if<news::PictureMissed>(&news))
    throw std::system_error{std::make_error_code(std::errc::no_space_on_device), missed->trouble.message};
  return sink.wanted();
}

// Of a task that is under way the memory knows more than whoever moved its pictures.
void Engine::take_over_places(Task const& moved) {
  auto const found = tasks_.find(moved.id);
  if (found == tasks_.end()) return;
  found->second.place = moved.place;
  for (auto const& picture : moved.pictures)
    for (auto& known : found->second.pictures)
      if (known.number == picture.number && !known.file.empty() && !picture.file.empty())
        known.file = picture.file;
  dirty_.insert(moved.id);
}

}  // namespace wanspool
