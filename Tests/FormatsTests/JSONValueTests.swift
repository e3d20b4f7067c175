import Testing

@testable import Formats

@Suite("Writing JSON")
struct JSONValueTests {
    private static let value: JSONValue = [
        "z": "a \"quoted\"\n\u{1} line", "a": 1, "list": [1, 2.5, .null, true], "none": [], "empty": [:],
        "nested": [["x": -0.5], [1, [2]]],
    ]

    @Test("What is written is read back, members in their order")
    func readBack() throws {
        for text in [Self.value.json, Self.value.jsonLine] {
            #expect(try JSONText.parse(ByteView(text.utf8), file: "f") == Self.value)
        }
        #expect(!Self.value.jsonLine.contains("\n"))
    }

    @Test("Lists of plain values stay on one line, the rest is indented")
    func layout() {
        let value: JSONValue = ["a": [1, 2], "b": [["c": "d"]], "e": [:]]
        #expect(
            value.json == """
                {
                  "a": [1, 2],
                  "b": [
                    {
                      "c": "d"
                    }
                  ],
                  "e": {}
                }
                """)
    }

    @Test("Numbers keep their bits; what JSON cannot say is null")
    func numbers() throws {
        for number in [0.1, 5e-324, 1.7976931348623157e308, -1.5e-7, 1e22] {
            #expect(try JSONText.parse(ByteView(JSONValue.number(number).json.utf8), file: "f") == .number(number))
        }
        #expect(JSONValue.array([.number(.nan), .number(.infinity), .number(-.infinity)]).json == "[null, null, null]")
    }
}
