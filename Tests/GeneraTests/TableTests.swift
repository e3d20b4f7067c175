import Foundation
import Genera
import GeneraTesting
import Testing

@Suite("Tables")
struct TableTests {
    private static let table = Table(
        "Generic graphs",
        columns: ["data", Table.Column("degree", digits: .places(3)), Table.Column("time", unit: "s"), "good"],
        rows: [
            ["community, small", .mean(of: [0.03, 0.05, 0.04]), 12.5, true],
            ["ego|small", .mean(0.1, deviation: nil, count: 3), 3, false],
            ["none", .empty, .number(.nan), .empty],
        ],
        notes: ["Three seeds."])

    @Test("A mean has the sample standard deviation; one value has none, no values are nothing")
    func mean() {
        #expect(Table.Cell.mean(of: [1.0, 2, 3, 6]) == .mean(3, deviation: (14.0 / 3).squareRoot(), count: 4))
        #expect(Table.Cell.mean(of: [7]) == .mean(7, deviation: nil, count: 1))
        #expect(Table.Cell.mean(of: []) == .empty)
    }

    @Test("Plain text has aligned columns, numbers to the right")
    func text() {
        #expect(
            Self.table.text == """
                Generic graphs

                data              degree (n = 3)  time (s)  good
                ----------------  --------------  --------  ----
                community, small   0.040 ± 0.010     12.50  yes
                ego|small                  0.100         3  no
                none                                   nan

                Three seeds.
                """)
    }

    @Test("Markdown escapes what would be markup")
    func markdown() {
        #expect(
            Self.table.markdown == #"""
                **Generic graphs**

                | data | degree (n = 3) | time (s) | good |
                | --- | ---: | ---: | --- |
                | community, small | 0.040 ± 0.010 | 12.50 | yes |
                | ego\|small | 0.100 | 3 | no |
                | none |  | nan |  |

                - Three seeds.
                """#)
    }

    @Test("CSV and TSV hold all digits; a mean becomes three columns")
    func separated() throws {
        #expect(
            Self.table.csv == """
                data,degree,degree_sd,degree_n,time,good
                "community, small",0.04,\(0.010000000000000002),3,12.5,true
                ego|small,0.1,,3,3,false
                none,,,,nan,

                """)
        #expect(Table(columns: ["a", "b"], rows: [["x\ty", "q\"\r\n"]]).tsv == "a\tb\n\"x\ty\"\t\"q\"\"\r\n\"\n")
        // Names used twice stay apart, also from the columns that a mean brings.
        let twice = Table(columns: ["x_n", "x", "x"], rows: [[1, .mean(of: [2, 4]), 3]])
        #expect(twice.csv.hasPrefix("x_n,x,x_sd,x_n_2,x_2\n"))
        #expect(Table(columns: ["only"], rows: [[.empty]]).csv == "only\n\"\"\n")
    }

    @Test("CSV is read back to the same bits")
    func readBack() throws {
        let values = [0.1, -1e-300, 5e-324, 1e300, 123_456_789.123_456_78]
        let table = Table(columns: ["x"], rows: values.map { [.number($0)] })
        #expect(try CSV(ByteView(table.csv.utf8), file: "f").numbers() == values)
    }

    @Test("JSON has an object a row and is read back")
    func json() throws {
        let json = Self.table.json
        #expect(try JSONText.parse(ByteView(json.json.utf8), file: "f") == json)
        #expect(json["title"] == "Generic graphs")
        #expect(json["units"] == ["time": "s"])
        #expect(json["notes"] == ["Three seeds."])
        let rows = try #require(json["rows"]?.items)
        let mean: JSONValue = ["mean": 0.1, "sd": .null, "n": 3]
        #expect(rows[1] == ["data": "ego|small", "degree": mean, "time": 3, "good": false])
        // What JSON cannot say is null, and the text stays strict JSON.
        #expect(try JSONText.parse(ByteView(rows[2].json.utf8), file: "f")["time"] == .null)
    }

    @Test("Digits: places, significant ones, and a deviation to the places of its mean")
    func digits() {
        #expect(Table.Cell.number(0.0311249).text(.significant(3)) == "0.0311")
        #expect(Table.Cell.number(1.54e-7).text() == "1.540e-7")
        #expect(Table.Cell.number(2.0 / 3).text(.places(2)) == "0.67")
        #expect(Table.Cell.mean(12.345, deviation: 0.0678, count: 5).text() == "12.35 ± 0.07")
        #expect(Table.Cell.mean(1.5e-7, deviation: 2e-8, count: 5).text(.significant(2)) == "1.5e-7 ± 2.0e-8")
        #expect(Table.Cell.number(-.infinity).text() == "-inf")
    }

    @Test("Texts of files cannot steer a terminal")
    func hostile() {
        let table = Table("a\u{1B}[2J", columns: ["x\n"], rows: [["\u{202E}y"]])
        #expect(table.text.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 0x202E || $0 == "\n" })
        #expect(table.text.split(separator: "\n").count == 4)
        #expect(table.markdown.contains(#"\\u{1b}\[2J"#))
    }

    @Test("The ending of the path picks the form; others are refused and nothing is written")
    func files() throws {
        let folder = TemporaryFolder()
        for (ending, start) in ["csv": "data,", "tsv": "data\t", "json": "{", "MD": "**", "txt": "Generic"] {
            let path = folder.file("t.\(ending)")
            try Self.table.write(to: path)
            #expect(try String(contentsOfFile: path, encoding: .utf8).hasPrefix(start))
        }
        for name in ["t.xlsx", "csv", "t"] {
            let error = #expect(throws: GeneraError.self) { try Self.table.write(to: folder.file(name)) }
            #expect("\(try #require(error))".contains(".csv, .tsv, .json, .md, .txt"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 5)
    }

    @Test("Facts hold any cell")
    func facts() {
        #expect(Fact("a", "b").value == .text("b"))
        #expect(Fact("a", 3).value == .integer(3))
        #expect(Fact("a", 0.5).value == .number(0.5))
        #expect(Fact("a", true).value == .truth(true))
        #expect(Fact("a", .mean(of: [1, 3])).value == .mean(2, deviation: 2.0.squareRoot(), count: 2))
    }
}
