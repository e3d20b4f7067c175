// Tables and plots of what `genera evaluate` measured, and learned denoisers beside the exact one.
//   study grid frechet x=nfe|value NAME=FILE.json,FILE.json...   (a column for each place)
//   study mean label-agreement,frechet NAME=FILE.json,FILE.json...   (of trainings from several seeds)
//   study table label-agreement,frechet,recall NAME=FILE.json...
//   study plot frechet OUT.png [x=nfe|value] [log=x,y] [title=...] [xtitle=...] [ytitle=...] [range=LOW,HIGH] NAME=FILE.json...
//   study denoiser D=CHECKPOINT...
import Foundation
import Genera
import PFGMPP

struct Row {
    let value: String
    let nfe: Int
    let measures: [String: (value: Double, low: Double?, high: Double?, floor: Double?)]
}

func number(_ any: Any?) -> Double? { (any as? NSNumber)?.doubleValue }

/// The settings of some reports, with commas between their files.
func rows(_ files: String) throws -> [Row] { try files.split(separator: ",").flatMap { try report(String($0)) } }

func report(_ file: String) throws -> [Row] {
    let data = try Data(contentsOf: URL(fileURLWithPath: file))
    guard let object = try JSONSerialization.jsonObject(with: data) as? [String: Any],
        let results = object["results"] as? [[String: Any]]
    else { throw GeneraError.usage("\(file) is no report of `genera evaluate`.") }
    return results.map { result in
        var measures: [String: (value: Double, low: Double?, high: Double?, floor: Double?)] = [:]
        for one in result["measures"] as? [[String: Any]] ?? [] {
            let interval = one["interval"] as? [Any]
            measures[one["name"] as? String ?? ""] = (
                number(one["value"]) ?? .nan, number(interval?.first), number(interval?.last), number(one["floor"])
            )
        }
        return Row(
            value: result["value"] as? String ?? "", nfe: Int(number(result["nfe"]) ?? 0), measures: measures)
    }
}

func inputs(_ words: some Sequence<String>) throws -> [(name: String, file: String)] {
    try words.map { word in
        guard let sign = word.lastIndex(of: "=") else { throw GeneraError.usage("'\(word)' is not NAME=FILE.") }
        return (String(word[..<sign]), String(word[word.index(after: sign)...]))
    }
}

/// A table in Markdown: a line for each setting, and the floor of the first file.
func table(_ measures: [String], _ files: [(name: String, file: String)]) throws {
    print("| | | NFE | \(measures.joined(separator: " | ")) |")
    print("|---|---|---|\(measures.map { _ in "---|" }.joined())")
    var floor: [Double?] = []
    for (name, file) in files {
        for row in try rows(file) {
            let cells = measures.map { measure -> String in
                guard let one = row.measures[measure] else { return "" }
                let half = one.low.flatMap { low in one.high.map { ($0 - low) / 2 } }
                return Text.significant(one.value, 3) + (half.map { " ± " + Text.significant($0, 2) } ?? "")
            }
            print("| \(name) | \(row.value) | \(row.nfe) | \(cells.joined(separator: " | ")) |")
            if floor.isEmpty { floor = measures.map { row.measures[$0]?.floor } }
        }
    }
    print("| real | | | \(floor.map { $0.map { Text.significant($0, 3) } ?? "" }.joined(separator: " | ")) |")
}

/// A table in Markdown of means over files of one setting each (seeds of a training), ± their standard deviation.
func means(_ measures: [String], _ files: [(name: String, file: String)]) throws {
    print("| | seeds | \(measures.joined(separator: " | ")) |")
    print("|---|---|\(measures.map { _ in "---|" }.joined())")
    for (name, file) in files {
        let rows = try rows(file)
        let cells = measures.map { measure in summary(rows.compactMap { $0.measures[measure]?.value }) }
        print("| \(name) | \(rows.count) | \(cells.joined(separator: " | ")) |")
    }
}

/// One measure in Markdown: a line for each name, a column for each place; means, ± standard deviation where there are several.
func grid(_ measure: String, byNFE: Bool, _ files: [(name: String, file: String)]) throws {
    let table = try files.map { name, file in
        let rows = try rows(file)
        return (name, Dictionary(grouping: rows) { byNFE ? "\($0.nfe)" : $0.value })
    }
    let places = Set(table.flatMap(\.1.keys)).sorted { (Double($0) ?? 0) < (Double($1) ?? 0) }
    print("| | \(places.joined(separator: " | ")) |")
    print("|---|\(places.map { _ in "---|" }.joined())")
    for (name, rows) in table {
        let cells = places.map { summary((rows[$0] ?? []).compactMap { $0.measures[measure]?.value }) }
        print("| \(name) | \(cells.joined(separator: " | ")) |")
    }
}

/// The mean, and the standard deviation of several.
func summary(_ values: [Double]) -> String {
    guard !values.isEmpty else { return "" }
    let mean = average(values)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, values.count - 1))
    return Text.significant(mean, 3) + (values.count > 1 ? " ± " + Text.significant(variance.squareRoot(), 2) : "")
}

func average(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

/// Curves of one measure, one for each name. Of several values at one place the mean is drawn.
func plot(_ measure: String, _ out: String, _ words: [String]) throws {
    var settings: [String: String] = [:]
    var files: [(name: String, file: String)] = []
    for (key, value) in try inputs(words) {
        if ["x", "log", "title", "xtitle", "ytitle", "range"].contains(key) {
            settings[key] = value
        } else {
            files.append((key, value))
        }
    }
    let byNFE = settings["x"] != "value"
    var (series, floors, span): ([LinePlot.Series], [Double], [Double]) = ([], [], [])
    for (name, file) in files {
        let points = try rows(file).compactMap { row -> (x: Double, y: Double)? in
            guard let one = row.measures[measure], one.value.isFinite else { return nil }
            if let floor = one.floor, floor.isFinite { floors.append(floor) }
            let x = byNFE ? Double(row.nfe) : Double(row.value) ?? .nan
            return x.isFinite ? (x, one.value) : nil
        }
        let places = Dictionary(grouping: points, by: \.x).sorted { $0.key < $1.key }
        span += places.map(\.key)
        series.append(
            LinePlot.Series(name, x: places.map(\.key), y: places.map { average($0.value.map(\.y)) }))
    }
    if let floor = floors.first, let low = span.min(), let high = span.max(), low < high {
        series.append(
            LinePlot.Series("real", x: [low, high], y: [floor, floor], isDashed: true, color: Color(grey: 0.5)))
    }
    let log = settings["log"] ?? ""
    let range = (settings["range"] ?? "").split(separator: ",").compactMap { Double($0) }
    let image = try LinePlot(
        series, title: settings["title"] ?? "",
        x: Axis(
            settings["xtitle"] ?? (byNFE ? "evaluations of the network" : ""),
            scale: log.contains("x") ? .logarithmic : .linear),
        y: Axis(
            settings["ytitle"] ?? measure, scale: log.contains("y") ? .logarithmic : .linear,
            limits: range.count == 2 ? range[0]...range[1] : nil)
    ).render(width: 480, height: 320)
    try PNG.write(image, to: out)
}

/// Mean squared error of learned denoisers of eight Gaussians beside the exact E[y|x], a number.
func denoisers(_ models: [(name: String, file: String)]) throws {
    let sigmas = [0.03, 0.1, 0.3, 1, 3, 10]
    let centres = (0..<8).map { [cos(Double($0) * .pi / 4), sin(Double($0) * .pi / 4)] }
    print("| D | \(sigmas.map { "\($0)" }.joined(separator: " | ")) |")
    print("|---|\(sigmas.map { _ in "---|" }.joined())")
    for (name, file) in models {
        let checkpoint = try ModelCheckpoint.load(CheckpointStore.standard.path(of: file))
        let configuration = try NetworkConfiguration(json: checkpoint.configuration, file: file)
        let scope = ParameterScope.loading(try checkpoint.tensors())
        let network = try NetworkDenoiser(configuration, in: scope)
        try scope.finish()
        let kernel = StudentT(D: configuration.D ?? .infinity)
        var exact = MixtureDenoiser(
            weights: [Double](repeating: 0.125, count: 8), means: centres,
            variances: [Double](repeating: 0.01, count: 8), kernel: kernel)
        exact.nodeCount = 2000
        let count = 1000
        let noise = Noise(seed: 3, samples: Array(0..<count))
        let clean = Tensor(noise.samples.flatMap { centres[$0 % 8] }, shape: [count, 2])
        let cells = try sigmas.map { sigma -> String in
            let blur = try noise.normal([2], at: .start).to(.float64) * 0.1
            let x = clean + blur + (try kernel.draw([2], noise: noise, at: .start(draw: 1))) * sigma
            let learned = network(x.reshaped([count, 2, 1, 1]), sigma: sigma).reshaped([count, 2]).to(.float64)
            let errors = try (learned - exact(x, sigma: sigma)).squared().mean(axes: [1]).array(of: Double.self)
            let mean = errors.reduce(0, +) / Double(count)
            let most = errors.sorted().prefix(count * 95 / 100)
            return Text.significant(mean, 2) + " / " + Text.significant(most.reduce(0, +) / Double(most.count), 2)
        }
        print("| \(name) | \(cells.joined(separator: " | ")) |")
    }
}

let words = Array(CommandLine.arguments.dropFirst())
switch words.first {
case "table" where words.count > 2:
    try table(words[1].split(separator: ",").map(String.init), inputs(words.dropFirst(2)))
case "grid" where words.count > 3:
    try grid(words[1], byNFE: words[2] == "x=nfe", inputs(words.dropFirst(3)))
case "mean" where words.count > 2:
    try means(words[1].split(separator: ",").map(String.init), inputs(words.dropFirst(2)))
case "plot" where words.count > 3: try plot(words[1], words[2], Array(words.dropFirst(3)))
case "denoiser" where words.count > 1: try denoisers(inputs(words.dropFirst()))
default:
    print("study table|mean|grid|plot|denoiser: see the head of this file")
}
