#include <algorithm>

#include "base/disk.h"
#include "engine/engine.h"
#include "engine/paths.h"

// A job's place may become another one while its pictures are under way.
namespace wanspool {

namespace fs = std::filesystem;

namespace {

bool is_astray(Task const& task, Picture const& picture) {
  return !picture.file.empty() && picture.file != PicturePaths{task}.file(picture.number);
}

}  // namespace

// What the queue says of it by now. Returns whether that is new.
bool Engine::refresh_place(std::int64_t id) {
  auto& task = tasks_.at(id);
  if (task.orphan) return false;
  auto const row = store_.job(manifest_of(task.name), job_of(task.name));
  if (!row || row->place == task.place) return false;
  task.place = row->place;
  return true;
}

// Whether a picture lies where it would not be looked for; then they are all brought to their place, and the
// task is taken up again after that.
bool Engine::settle_places(Task const& task) {
  if (task.orphan) return false;
  std::vector<std::pair<fs::path, std::shared_ptr<PictureSink>>> ways;
  for (auto const& picture : task.pictures)
    if (is_astray(task, picture))
      ways.emplace_back(settings_.spool.picture_path(task.name, picture.file), sink_for(task, picture));
  if (ways.empty()) return false;
  auto const id = task.id;
  ++busy_[id];
  workers_.submit([this, id, ways, place = task.place]() -> Workers::After {
    std::vector<Picture> there;
    std::string trouble;
    try {
      for (auto const& [from, sink] : ways) there.push_back(bring(from, *sink));
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
    sink.discard();
    if (trouble)
      throw std::system_error{std::make_error_code(std::errc::no_space_on_device), trouble->message};
    return sink.wanted();
  }
  auto const news = sink.finish();
  if (auto const* missed = std::get_if<news::PictureMissed>(&news))
    throw std::system_error{std::make_error_code(std::errc::no_space_on_device), missed->trouble.message};
  disk::remove(from);
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
