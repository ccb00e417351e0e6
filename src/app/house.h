#pragma once

#include <functional>
#include <memory>
#include <span>

#include "app/context.h"
#include "app/hooking.h"
#include "app/service_line.h"
#include "app/signals.h"
#include "app/words.h"
#include "base/http.h"
#include "engine/engine.h"

namespace wanspool::app {

// The engine with all it stands on, for the two commands that buy.
struct House {
  // Whether the service is asked about a key before there is a job for it.
  enum class Keys { AsUsed, AtStart };
  // Throws StoreBroken: 75 somebody else has the spool.
  House(Context const& context, Audience& audience, Keys keys = Keys::AsUsed);

  BootClock clock;
  std::unique_ptr<Store> store;
  std::unique_ptr<Hooking> hooks;  // before the engine, whose first words are told too
  std::unique_ptr<Http> http;
  std::unique_ptr<Engine> engine;

  // The engine's, and what its commands are to be told of it.
  void turn(Instant latest, std::span<int const> wake);
  Progress progress() const;
  // The same for a service manager: of what hinders the worst alone, and what counts today.
  Service standing() const;
  std::string const& currency() const { return currency_; }
  // Without the answers of creates that have left those would be in doubt, and without its last lines
  // metadata.jsonl would lack pictures until the next start: waits for them, ten seconds at most or until a
  // signal comes, in turns of at most a second. Hooks are told to go.
  void hear_unanswered(Signals& signals, std::function<void()> const& each_turn);

 private:
  Spool spool_;
  std::string currency_;
};

// Files that lie in the inbox and have not been taken in yet.
std::int64_t files_in(std::filesystem::path const& inbox);

}  // namespace wanspool::app
