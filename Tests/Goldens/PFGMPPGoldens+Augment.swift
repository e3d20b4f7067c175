import Foundation
import Genera
import GeneraTesting
import PFGMPP

extension PFGMPPGoldens {
    /// The augmentation pipe with every draw replayed. Draws are `<run>.drawNN_<kind>`.
    static let augment: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        for run in try one.need("runs").items ?? [] {
            let name = run["name"]?.text ?? ""
            let options = try one.json(of: run, key: "kwargs")
            let pipe = try JSONDecoder().decode(AugmentPipe.self, from: Data(options.utf8))
            let images = try tensors["\(name).images"] ?? tensors.need("images")
            let draws = tensors.below("\(name).draw").sorted { $0.name < $1.name }
            var next = 0
            let result = try pipe(images) { kind, rows in
                guard next < draws.count else {
                    throw CaseFault("\(name): more draws are asked for than were recorded")
                }
                let draw = draws[next]
                next += 1
                guard draw.name.hasSuffix("_\(word(kind))") else {
                    throw CaseFault("\(name): draw \(draw.name) was recorded where \(word(kind)) is asked for")
                }
                return try split(draw.tensor, rows: rows)
            }
            if next != draws.count { check.fail("\(name): \(draws.count) draws were recorded, \(next) were asked for") }
            try check.close("\(name).out.images", result.images, tensors["\(name).out.images"])
            try check.close("\(name).out.labels", result.labels, tensors["\(name).out.labels"])
        }
    }

    private static func word(_ kind: AugmentPipe.Kind) -> String {
        switch kind {
        case .uniform: "rand"
        case .normal: "randn"
        case let .integers(bound): "randint\(bound)"
        }
    }

    private static func split(_ draw: Tensor, rows: Int) throws -> [[Double]] {
        let values = try draw.array(of: Double.self)
        guard rows > 0, values.count % rows == 0 else {
            throw CaseFault("a draw of \(values.count) numbers has no \(rows) rows")
        }
        let width = values.count / rows
        return (0..<rows).map { Array(values[$0 * width..<($0 + 1) * width]) }
    }
}

extension GoldenCase {
    fileprivate func json(of run: JSONValue, key: String) throws -> String {
        guard let value = run[key] else { throw CaseFault("a run has no '\(key)'") }
        return value.json
    }
}
