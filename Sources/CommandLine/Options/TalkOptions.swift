import ArgumentParser
import Formats

/// How much a command says.
struct TalkOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Say nothing but errors.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Say more about what is done.")
    var verbose = false

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        if quiet, verbose { throw ValidationError("--quiet and --verbose exclude each other.") }
    }

    /// Prints a result: lines for people, or JSON for programs.
    func print(_ lines: @autoclosure () -> [String], json value: @autoclosure () -> JSONValue) {
        if json {
            Console.result(json: value().json)
        } else if !quiet {
            for line in lines() { Console.result(line) }
        }
    }

    /// Prints a result: lines for people, or JSON for programs.
    func print(_ lines: @autoclosure () -> [String], json value: @autoclosure () -> JSONOutput) {
        if json {
            Console.result(json: value().text)
        } else if !quiet {
            for line in lines() { Console.result(line) }
        }
    }
}
