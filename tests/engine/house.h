#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/steps.h"
#include "engine/world.h"

namespace wanspool::test {

// A whole house in a folder of its own, over a World: real files, real SQLite, virtual time. It can be closed
// and opened again, as a program is stopped and started.
class House final : public Audience {
 public:
  explicit House(World& world);
  ~House() override;

  void open();
  // As a crash would: nothing is said to anybody.
  void close();
  bool is_open() const { return engine != nullptr; }

  void drop(std::string const& name, std::string const& text);
  // `count` jobs of one picture each, words alone.
  static std::string manifest_of(int count, std::string const& prompt = "a kite");
  // Turns the wheel until nothing more will happen by itself, or so long. Returns whether it came to rest.
  bool run(milliseconds most = hours{48});

  std::string text(std::filesystem::path const& below_root) const;
  bool is_there(std::filesystem::path const& below_root) const;
  // All files below out/ by their names below it.
  std::vector<std::string> pictures() const;
  std::vector<std::string> files_named(std::string const& ending) const;

  void receipt(Receipt const& it) override {
    receipts.push_back(it);
    if (told) told(it);
  }
  void ended(Task const& task) override { ends.push_back(task); }
  void expiring(Task const&, milliseconds left) override { alarms.push_back(left); }
  void stopped(Stop const&) override { ++caps_told; }

  World& world;
  std::filesystem::path root;
  Config config;
  std::string key = "sk-test";
  bool checks_keys = false;
  std::string endpoint = "http://127.0.0.1:1/api/v1";
  Steps* steps = nullptr;
  bool store_is_full = false;
  std::string full_call;  // the one call of the store that finds no room
  int workers = 0;
  Models models;
  std::unique_ptr<Store> store;
  std::unique_ptr<Engine> engine;
  std::vector<Receipt> receipts;
  std::function<void(Receipt const&)> told;  // at the moment of each
  std::vector<Task> ends;
  std::vector<milliseconds> alarms;
  int caps_told = 0;
  std::int64_t drops_looked_at = 0;  // by the wheel, of each model, each time
};

}  // namespace wanspool::test
