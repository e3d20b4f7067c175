import GeneraTesting
import Goldens

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

// golden FAMILY [NAME]: compares with the reference's recorded numbers, all cases or those whose name contains NAME.
// A line a case; the exit status is 1 if one fails, 64 for a family without a runner.

func complain(_ text: String, status: Int32) -> Never {
    let line = text + "\n"
    _ = write(2, line, line.utf8.count)
    exit(status)
}

let words = CommandLine.arguments.dropFirst()
guard let family = words.first, words.count <= 2 else {
    complain("Usage: golden FAMILY [NAME]. Families: \(Goldens.families.joined(separator: ", ")).", status: 64)
}
guard let runner = Goldens.runner(family) else {
    complain("No golden runner for '\(family)'. Families: \(Goldens.families.joined(separator: ", ")).", status: 64)
}
do {
    exit(try runner.run(filter: words.dropFirst().first ?? "") ? 0 : 1)
} catch {
    complain("\(error)", status: 1)
}
