#pragma once

#include <functional>

namespace CLI {
class App;
}

// One file for each: its words and options, and what it does.
namespace wanspool::app {

// What the command line has chosen; called when it is read, returns what the program ends with.
using Chosen = std::function<int()>;

void add_run(CLI::App& program, Chosen& chosen);
void add_daemon(CLI::App& program, Chosen& chosen);
void add_submit(CLI::App& program, Chosen& chosen);
void add_check(CLI::App& program, Chosen& chosen);
void add_plan(CLI::App& program, Chosen& chosen);
void add_status(CLI::App& program, Chosen& chosen);
void add_top(CLI::App& program, Chosen& chosen);
void add_list(CLI::App& program, Chosen& chosen);
void add_show(CLI::App& program, Chosen& chosen);
void add_why(CLI::App& program, Chosen& chosen);
void add_wait(CLI::App& program, Chosen& chosen);
void add_ledger(CLI::App& program, Chosen& chosen);
void add_verify(CLI::App& program, Chosen& chosen);
void add_doctor(CLI::App& program, Chosen& chosen);
void add_adopt(CLI::App& program, Chosen& chosen);
void add_redo(CLI::App& program, Chosen& chosen);
void add_cancel(CLI::App& program, Chosen& chosen);
void add_retry(CLI::App& program, Chosen& chosen);
void add_pause(CLI::App& program, Chosen& chosen);
void add_priority(CLI::App& program, Chosen& chosen);
void add_resume(CLI::App& program, Chosen& chosen);
void add_backup(CLI::App& program, Chosen& chosen);
void add_gc(CLI::App& program, Chosen& chosen);
void add_init(CLI::App& program, Chosen& chosen);
void add_new(CLI::App& program, Chosen& chosen);
void add_schema(CLI::App& program, Chosen& chosen);
void add_models(CLI::App& program, Chosen& chosen);

}  // namespace wanspool::app
