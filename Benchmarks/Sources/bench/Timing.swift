import Foundation

/// The median of `count` timings of `body`, in seconds of wall clock.
func median(of count: Int = 7, _ body: () throws -> Void) rethrows -> Double {
    try body()
    let times = try (0..<count).map { _ in
        let start = DispatchTime.now().uptimeNanoseconds
        try body()
        return Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
    }
    return times.sorted()[count / 2]
}

/// A table in Markdown.
func printTable(_ title: String, _ header: [String], _ rows: [[String]]) {
    print("\n### \(title)\n")
    print("| " + header.joined(separator: " | ") + " |")
    print("|" + header.map { _ in "---|" }.joined())
    for row in rows { print("| " + row.joined(separator: " | ") + " |") }
}

func milliseconds(_ seconds: Double) -> String { String(format: "%.2f", seconds * 1e3) }
func ratio(_ value: Double) -> String { String(format: "%.2fx", value) }
