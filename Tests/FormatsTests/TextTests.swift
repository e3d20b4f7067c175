import Foundation
import Tensors
import Testing

@testable import Formats

@Suite struct TextTests {
    private func csv(_ text: String) throws -> CSV { try CSV(ByteView(text.utf8), file: "t.csv") }

    @Test(
        "Tables with a header, quotes, any line end and any delimiter are read", arguments: [",", "\t", ";"],
        ["\n", "\r\n", "\r"])
    func tables(delimiter: String, end: String) throws {
        let lines = ["x,y,name", "1,-2.5e3,\"a \"\"b\"\"\"", "nan, 4 ,c"]
        let table = try csv(
            lines.map { $0.replacingOccurrences(of: ",", with: delimiter) }.joined(separator: end) + end)
        #expect(table.header == ["x", "y", "name"] && table.rows.count == 2 && table.rows[0][2] == "a \"b\"")
        let values = try table.numbers(columns: ["y", "x"])
        #expect(values[0..<3] == [-2500, 1, 4] && values[3].isNaN)
        Support.expectMessage("t.csv: line 2, column 'name': 'a \"b\"' is not a number") { try table.numbers() }
        Support.expectMessage("did you mean 'name'?") { try table.column("nmae") }
    }

    @Test("Numbers survive writing and reading")
    func roundTrip() throws {
        try Support.withTemporaryFolder { folder in
            let values = [0.1, -1e300, Double.leastNonzeroMagnitude, .infinity, 1 / 3, 2]
            try CSV.write(values, header: ["a", "b, c"], to: folder + "/t.csv")
            let table = try CSV(path: folder + "/t.csv")
            #expect(try table.numbers() == values && table.header == ["a", "b, c"])
            #expect(try csv("1,2\n3,4").numbers() == [1, 2, 3, 4])
        }
    }

    @Test(
        "Tables that are not rectangular or not text are refused",
        arguments: [
            ("a,b\n1\n", "line 2: 1 cells, 2 were expected"), ("a\n\"b", "line 2: a quoted cell does not end"),
            ("a\n\"b\"c", "something follows"), ("\n", "the table is empty"),
        ])
    func badTables(text: String, message: String) {
        Support.expectMessage(message) { try csv(text) }
        Support.expectMessage("line 1: the text is not UTF-8") { try CSV(ByteView([0xFF, 0x0A]), file: "f") }
    }

    @Test("Options keep their order, lines and sections")
    func options() throws {
        let text =
            "# comment\nsteps: 18\nlr: 1e-3\nname: \"a b\"\nscales: [1, 2]\nnothing:\noptim:\n  beta: 0.9\nflag: yes\n"
        let options = try YAMLOptions(text: text, file: "o.yaml")
        #expect(options.entries.map(\.key) == ["steps", "lr", "name", "scales", "nothing", "optim.beta", "flag"])
        #expect(options.entries.map(\.line) == [2, 3, 4, 5, 6, 8, 9])
        #expect(
            options["lr"] == .scalar("1e-3") && options["scales"] == .list(["1", "2"]) && options["nothing"] == .null)
        #expect(options["flag"]?.bool == true && options["scales"]?.text == "1,2")
        Support.expectMessage("o.yaml: line 2: unknown option 'steps'; did you mean 'step'?") {
            try options.check(known: ["step"])
        }
        #expect(try YAMLOptions(text: "", file: "f").entries.isEmpty)
        #expect(try YAMLOptions(text: "# nothing\n", file: "f").entries.isEmpty)
    }

    @Test("Options that are written read back")
    func writtenOptions() throws {
        let entries: [(key: String, value: YAMLValue)] = [
            ("a", .scalar("1e-3")), ("b", .scalar("it's: #\"x\"\n\té")), ("c", .list(["x", "-1", "", "a, b", "null"])),
            ("d", .null), ("e", .scalar("-2.5")),
            ("f", .scalar("~")), ("g.h", .scalar("*x")), ("i", .scalar("- y")), ("j", .list([])),
            ("k", .scalar("null")), ("l", .scalar("")), ("m", .scalar("1,2")),
        ]
        let options = try YAMLOptions(text: YAMLOptions.text(entries), file: "f")
        #expect(options.entries.map(\.key) == entries.map(\.key))
        #expect(options.entries.map(\.value) == entries.map(\.value))
    }

    @Test(
        "YAML that is not a list of options is refused with its line",
        arguments: [
            ("- a\n- b\n", "line 1: options must be 'key: value' lines"), ("a: 1\na: 2\n", "'a' is set twice"),
            ("just text", "options must be"),
            ("a:\n  b:\n    c: 1\n", "line 3: 'a.b' is nested too deep"), ("a: [[1]]\n", "line 1: the items of 'a'"),
            ("a: [1\n", "not valid YAML"),
            ("a.b: 1\na:\n  b: 2\n", "'a.b' is already set in line 1"), ("a: 1\n---\nb: 2\n", "not valid YAML"),
            ("a: *x\n", "not valid YAML"),
            ("[1]: 2\n", "an option's name must be a text"), ("a: \u{1}", "not valid YAML"),
            ("a: " + String(repeating: "[", count: 5000), "nested too deep"),
            (
                (0..<40).map { "a\($0): &a\($0) [\((0..<9).map { _ in "*a" }.joined(separator: ","))]\n" }.joined(),
                "too many anchors"
            ),
            (String(repeating: "- ", count: 100_000), "not valid YAML"),
        ])
    func badOptions(text: String, message: String) {
        Support.expectMessage(message) { try YAMLOptions(text: text, file: "f") }
    }

    @Test(
        "The nearest name is the one that was meant",
        arguments: [
            ("sigma_mx", "sigma_max"), ("sigma-max", "sigma_max"), ("setps", "steps"), ("SEED", "seed"), ("xyz", nil),
            ("", nil),
        ] as [(String, String?)])
    func nearest(name: String, wanted: String?) {
        #expect(nearestName(to: name, in: ["sigma_min", "sigma_max", "steps", "seed"]) == wanted)
    }
}
