import Testing

@testable import Platform

/// Text from files, fit to be shown.
@Suite struct PrintableTests {
    @Test("Controls, separators and marks of direction become escapes")
    func escapes() {
        #expect(Printable.line("a\u{1B}]0;x\u{7}\nb") == "a\\u{1B}]0;x\\u{7}\\u{A}b")
        #expect(
            Printable.line("\u{9B}31m\u{2028}\u{202E}\u{2066}\u{7F}") == "\\u{9B}31m\\u{2028}\\u{202E}\\u{2066}\\u{7F}")
        #expect(Printable.text("one\n\ttwo\r") == "one\n\ttwo\\u{D}")
        #expect(Printable.line("plain é 漢 👩‍🔬") == "plain é 漢 👩‍🔬")
    }

    @Test("Names and messages are shortened in their middle")
    func lengths() {
        let name = Printable.name(String(repeating: "a", count: 65_000) + ".png")
        #expect(name.count == 120 && name.hasSuffix("a.png") && name.contains("…"))
        #expect(Printable.name(String(repeating: "b", count: 120)) == String(repeating: "b", count: 120))
        let message = Printable.message("f: " + String(repeating: "word ", count: 5000) + "end")
        #expect(message.count == 2000 && message.hasPrefix("f: word") && message.hasSuffix("word end"))
        let long = Printable.text("f: " + String(repeating: "c", count: 65_000) + " is wrong")
        #expect(long.count == 3 + 120 + 9 && long.hasPrefix("f: ccc") && long.hasSuffix("c is wrong"))
        let path = "/" + String(repeating: String(repeating: "d", count: 200) + "/", count: 9)
        #expect(Printable.text(path) == path)
    }

    @Test("A report of an error is clean, and keeps lines of ours")
    func failures() {
        struct Bad: KindedError {
            let description = "x\u{1B}[2J\nsecond"
            let kind = FailureKind.data
        }
        #expect(Failure(Bad()).message == "x\\u{1B}[2J\nsecond" && Failure(Bad()).exitCode == 65)
        let error = FileError(file: "a\nb", reason: "is\u{7}", advice: "", kind: .data)
        #expect("\(error)" == "a\\u{A}b: is\\u{7}")
    }
}
