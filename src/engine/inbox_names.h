#pragma once

#include <string>
#include <string_view>

// What the inbox makes of the names that it finds.
namespace wanspool {

// Why an entry of this name is left alone: what a program writes under it is not finished, or is not meant
// for others. "" where it is for us.
std::string_view why_ignored(std::string_view name);

// "cancel-0123456789abcdef.yaml": what the program itself hands over it renames in whole, and somebody waits
// for the answer.
bool is_handed_over(std::string_view name);

// "pause-all-0123456789abcdef.yaml", and resume: what is about the whole spool goes before all that lies
// there.
bool is_urgent(std::string_view name);

// The same name where it is short enough that a claim's number before it and ".receipt.txt.part" behind it
// still make a name that file systems take; of a longer one its beginning, a hash of all of it, and its
// ending.
std::string name_on_disk(std::string const& name);

// As complaints and logs name it: a name may hold line ends and what steers a terminal.
std::string shown_name(std::string name);

}  // namespace wanspool
