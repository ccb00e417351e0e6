#pragma once

#include <string>
#include <string_view>

#include "app/context.h"
#include "app/screen.h"
#include "manifest/manifest.h"

// What a command asks of whoever works on the spool: a small YAML file in its inbox, which takes effect once.
namespace wanspool::app {

// 16 hexadecimal digits that nobody has used before.
std::string new_id();

// The file as read_command() understands it, and its name there: "redo-ID.yaml".
std::string text_of(Command const& command);
std::string file_of(Command const& command);

// Puts it into the inbox and, where somebody has the spool, waits for its fate and says it; with `json` as a
// document on standard output, too. Returns what the program ends with.
int hand_over(Context const& context, Command const& command, Screen& screen, bool json = false);

// What --json of such commands means, and their document where nobody has to be asked for anything.
inline constexpr char kAnswers[] = "what became of it as one JSON document";
void print_answer(Command const& command, std::string_view outcome, std::string const& text);

// A yes, given on the command line or on the terminal. Throws Quit 6 where there is no terminal to ask on;
// `instead` says what helps there beside --yes.
bool is_agreed(std::string const& question, bool yes, std::string const& instead = {});

// What words of the command line mean, as commands name jobs: manifests, prefixes and globs. Throws Quit 4
// for one that means no job, and where there is none; loads no job.
std::vector<std::string> words_of_jobs(std::vector<std::string> const& arguments, Context const& context,
                                       Reader* reader);

// The jobs that words of the command line mean, by their names or by those of their pictures, each once.
// Throws Quit 4 for a word that means none, Quit 2 for a picture's name that several jobs have.
std::vector<JobRow> jobs_meant(Reader* reader, std::vector<std::string> const& words);

}  // namespace wanspool::app
