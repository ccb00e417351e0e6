#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/context.h"
#include "app/exit.h"
#include "app/keeper.h"
#include "app/machine.h"
#include "store/glance.h"

// What `wanspool doctor` looks at. Nothing of it changes anything, sends a request to the provider, or waits
// for longer than a few seconds.
namespace wanspool::app {

enum class Level { Ok, Warning, Wrong };
std::string_view name_of(Level level);  // "ok" …

struct Diagnosis {
  Level level = Level::Ok;
  std::string what;       // was looked at: "key"
  std::string found;      // a line for a person
  std::string advice;     // what to do about it; "" where nothing is to be done
  int exit_code = kFine;  // of what is wrong
};
using Diagnoses = std::vector<Diagnosis>;

// A spool with all around it that can be known from here.
struct Patient {
  explicit Patient(Machine const& its) : machine{its} {}

  Machine const& machine;
  std::filesystem::path root;      // "": there is no spool
  std::filesystem::path asked;     // where one was said to be; "": nowhere
  std::string misconfigured;       // every complaint of the configuration; "" if it can be used
  Context context;                 // without a configuration where that cannot be used
  Keeper keeper;                   // who works on it
  std::unique_ptr<Reader> reader;  // none: there is no queue yet, or it cannot be read
  std::unique_ptr<Glance> glance;  // where there is a reader
  std::string broken;              // why it cannot be read; "" if it can, or is not there
  int broken_code = kFine;

  bool is_emulated() const { return context.region == "loopback"; }
  bool is_service() const { return root == kServiceRoot; }
  Spool const& spool() const { return context.spool; }
};
Patient patient_of(Where const& where, Machine const& machine);

// One check: what has to be there for it, and what it finds: a line for each thing it looks at, or none where
// there is nothing to look at. `what` is left to the caller.
struct Check {
  enum class Needs { Nothing, Configuration, Spool, Queue };
  char const* what;
  Needs needs;
  Diagnoses (*look)(Patient const&);
};
// In the order in which a person would look.
std::vector<Check> const& checks();

// All of them. A check that cannot look says so as what is wrong.
Diagnoses examine(Patient const& patient);
// What the program ends with: the code of the first thing that is wrong.
int exit_code_of(Diagnoses const& diagnoses);
// "ok       key            …", and in the next line what to do.
std::string text_of(Diagnoses const& diagnoses);

// What a check says.
Diagnosis fine(std::string found);
Diagnosis warning(std::string found, std::string advice);
Diagnosis wrong(int exit_code, std::string found, std::string advice);

}  // namespace wanspool::app
