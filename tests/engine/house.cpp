#include "engine/house.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>

#include "base/files.h"
#include "base/log.h"
#include "base/schema.h"

namespace wanspool::test {

namespace fs = std::filesystem;

namespace {

// Forwards all to the real store; each change is a step, before it happens and after.
class SteppingStore final : public Store {
 public:
  SteppingStore(std::unique_ptr<Store> real, House& house) : real_{std::move(real)}, house_{house} {}

  std::vector<Task> commit(Batch const& batch) override {
    std::vector<Task> made;
    change("commit", [&] { made = real_->commit(batch); });
    return made;
  }
  std::vector<Task> apply(Effects const& effects) override {
    std::vector<Task> changed;
    change("apply", [&] { changed = real_->apply(effects); });
    return changed;
  }
  std::int64_t begin_manifest(NewManifest const& manifest) override {
    std::int64_t id = 0;
    change("begin_manifest", [&] { id = real_->begin_manifest(manifest); });
    return id;
  }
  std::vector<Clash> add_jobs(std::int64_t manifest, std::span<NewJob const> jobs) override {
    std::vector<Clash> clashes;
    change("add_jobs", [&] { clashes = real_->add_jobs(manifest, jobs); });
    return clashes;
  }
  bool join_purchases(std::int64_t manifest, std::size_t limit) override {
    bool more = false;
    change("join_purchases", [&] { more = real_->join_purchases(manifest, limit); });
    return more;
  }
  Taken publish_manifest(std::int64_t manifest, Instant now) override {
    Taken taken;
    change("publish_manifest", [&] { taken = real_->publish_manifest(manifest, now); });
    return taken;
  }
  void drop_manifest(std::int64_t manifest) override {
    change("drop_manifest", [&] { real_->drop_manifest(manifest); });
  }
  void drop_arriving() override {
    change("drop_arriving", [&] { real_->drop_arriving(); });
  }
  void watch_hooks(std::vector<HookEvent> const& events, Instant now) override {
    change("watch_hooks", [&] { real_->watch_hooks(events, now); });
  }
  std::vector<HookRow> hooks(std::size_t limit) override { return real_->hooks(limit); }
  void end_hooks(std::span<HookEnd const> ends, std::vector<Fact> const& facts) override {
    change("end_hooks", [&] { real_->end_hooks(ends, facts); });
  }
  void rest() override { real_->rest(); }
  void set_fact(std::string const& key, std::string const& value) override {
    change("set_fact", [&] { real_->set_fact(key, value); });
  }

  Taken preview_manifest(std::int64_t manifest) override { return real_->preview_manifest(manifest); }
  Taken estimate_manifest(std::int64_t manifest) override { return real_->estimate_manifest(manifest); }
  std::optional<std::int64_t> owner_of(std::string const& manifest) override {
    return real_->owner_of(manifest);
  }
  LedgerRow spent_by(std::string const& manifest) override { return real_->spent_by(manifest); }
  void jobs(std::string const& manifest, std::function<bool(JobRow const&)> const& take) override {
    real_->jobs(manifest, take);
  }
  std::optional<JobRow> job(std::string const& manifest, std::string const& job) override {
    return real_->job(manifest, job);
  }
  std::optional<std::string> place(std::string const& manifest, std::string const& job) override {
    return real_->place(manifest, job);
  }
  std::vector<std::string> jobs_of(std::int64_t task) override { return real_->jobs_of(task); }
  std::vector<Task> active() override { return real_->active(); }
  std::vector<Task> queued(std::string const& model, std::size_t limit,
                           std::function<bool(std::int64_t)> const& except, Rooms const& rooms) override {
    return real_->queued(model, limit, except, rooms);
  }
  std::vector<Line> lines(std::string const& model, std::size_t most) override {
    auto lines = real_->lines(model, most);
    house_.drops_looked_at += static_cast<std::int64_t>(lines.size());
    return lines;
  }
  std::vector<Task> queued_in(std::string const& model, Line const& line, std::size_t limit,
                              std::function<bool(std::int64_t)> const& except, Rooms const& rooms) override {
    return real_->queued_in(model, line, limit, except, rooms);
  }
  std::vector<std::string> queued_models() override { return real_->queued_models(); }
  std::vector<Task> created_since(LaneKey const& lane, Instant since) override {
    return real_->created_since(lane, since);
  }
  std::string body(std::int64_t task) override { return real_->body(task); }
  std::string fingerprint(std::int64_t task) override { return real_->fingerprint(task); }
  std::vector<LaneRow> lanes() override { return real_->lanes(); }
  Tally tally() override { return real_->tally(); }
  Standing standing(std::string const& manifest) override { return real_->standing(manifest); }
  Spent spent_on(std::string const& day) override { return real_->spent_on(day); }
  std::vector<Stop> stops() override { return real_->stops(); }
  Instant next_deadline(Instant now) override { return real_->next_deadline(now); }
  std::vector<Task> held(Instant since) override { return real_->held(since); }
  std::vector<KnownTask> known(Instant since) override { return real_->known(since); }
  std::vector<Task> refills_of(std::int64_t task) override { return real_->refills_of(task); }
  std::optional<Upload> upload(std::string const& account, std::string const& model,
                               std::string const& sha256) override {
    return real_->upload(account, model, sha256);
  }
  std::optional<Fetched> fetched(std::string const& address) override { return real_->fetched(address); }
  std::vector<Task> purchase(std::string const& fingerprint) override { return real_->purchase(fingerprint); }
  std::string bought_for(std::string const& manifest, std::string const& job,
                         std::string const& asked) override {
    return real_->bought_for(manifest, job, asked);
  }
  std::vector<Undelivered> undelivered(std::size_t limit) override { return real_->undelivered(limit); }
  std::optional<Wanted> wanted(std::string const& job) override { return real_->wanted(job); }
  std::optional<Task> orphan(std::string const& account, std::string const& task_id) override {
    return real_->orphan(account, task_id);
  }
  void run_errand(Errand const& errand, ErrandLog& log, std::size_t rows, Instant at) override {
    change("run_errand", [&] { real_->run_errand(errand, log, rows, at); });
  }
  std::vector<std::int64_t> canceled() override { return real_->canceled(); }
  bool has_had_effect(std::string const& command) override { return real_->has_had_effect(command); }
  std::optional<Task> unfinished(std::string const& fingerprint) override {
    return real_->unfinished(fingerprint);
  }
  std::optional<Taken> taken(std::string const& claim) override { return real_->taken(claim); }
  std::string fact(std::string const& key) override { return real_->fact(key); }

 private:
  template <typename Change>
  void change(char const* call, Change const& happens) {
    if (house_.store_is_full || house_.full_call == call) throw StoreFull{"no room in state/"};
    if (house_.steps) house_.steps->take();
    happens();
    if (house_.steps) house_.steps->take();
  }

  std::unique_ptr<Store> real_;
  House& house_;
};

}  // namespace

House::House(World& its_world) : world{its_world} {
  auto pattern = (fs::temp_directory_path() / "wanspool-house-XXXXXX").string();
  root = ::mkdtemp(pattern.data());
  config.settle = milliseconds{0};
  config.ask_above = Money{1'000'000'000'000};
  static auto const known = read_models(schema_file("models.yaml"), "models.yaml");
  models = known;
  log::set_level(log::Level::Off);
}

House::~House() {
  close();
  disk_fault = {};
  fs::remove_all(root);
}

void House::open() {
  auto const spool = Spool::at(root);
  spool.make();
  store = std::make_unique<SteppingStore>(open_store(spool.database), *this);
  EngineSettings settings;
  settings.spool = spool;
  settings.models = models;
  settings.config = config;
  settings.workers = workers;
  settings.checks_keys = checks_keys;
  settings.accounts.push_back(
      {"", endpoint, "", config.queries_per_second, config.lists_per_second, [this] { return key; }});
  for (auto const& [name, its] : config.accounts)
    settings.accounts.push_back({name, its.endpoint, "", its.queries_per_second, its.lists_per_second,
                                 [this, name = name] { return "sk-" + name; }});
  world.steps = steps;
  current_steps = steps;
  engine = std::make_unique<Engine>(std::move(settings), world, world, *store, *this);
}

void House::close() {
  engine.reset();  // first, for its workers count their steps too
  store.reset();
  current_steps = nullptr;
  world.steps = nullptr;
  world.forget_flights();
}

void House::drop(std::string const& name, std::string const& text) {
  auto const inbox = root / "inbox";
  fs::create_directories(inbox);
  std::ofstream{inbox / ("." + name)} << text;
  fs::rename(inbox / ("." + name), inbox / name);
}

std::string House::manifest_of(int count, std::string const& prompt) {
  std::string text = "manifest: 1\ndefaults: { model: wan2.6-t2i }\njobs:\n";
  for (int i = 1; i <= count; ++i)
    text += fmt::format("  - {{ id: job-{}, prompt: {} number {} }}\n", i, prompt, i);
  return text;
}

bool House::run(milliseconds most) {
  auto const end = world.now() + most;
  while (world.now() < end) {
    engine->turn(std::min(end, world.now() + minutes{10}));
    if (engine->idle()) return true;
  }
  return false;
}

std::string House::text(fs::path const& below_root) const {
  return read_file(root / below_root);
}

bool House::is_there(fs::path const& below_root) const {
  return fs::exists(root / below_root);
}

std::vector<std::string> House::files_named(std::string const& ending) const {
  std::vector<std::string> names;
  for (auto const& entry : fs::recursive_directory_iterator{root / "out"})
    if (entry.path().string().ends_with(ending))
      names.push_back(fs::relative(entry.path(), root / "out").string());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> House::pictures() const {
  return files_named(".png");
}

}  // namespace wanspool::test
