import Genera

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What is known of the data sets of the paper, for checkpoints that do not say it themselves.
package struct KnownGraphs: Sendable {
    /// How many graphs have so many nodes: `[[nodes, graphs], ...]`.
    package let sizes: [[Int]]
    /// Elements in the order of the features; nil of graphs that are no molecules.
    package let atoms: [String]?

    /// The facts of a data set; nil for one that is not known.
    package init?(_ name: String) {
        guard let text = Self.table[name] else {
            guard name == "ZINC250k" else { return nil }
            // Not counted but assumed: a normal law with about the mean, deviation and range of the data.
            sizes = (6...37).map { n in
                let z = (Double(n) - 23.2) / 4.5
                return [n, Int((10_000 * exp(-z * z / 2)).rounded())]
            }
            atoms = ["C", "N", "O", "F", "P", "S", "Cl", "Br", "I"]
            return
        }
        sizes = text.split(separator: " ").map { $0.split(separator: ":").compactMap { Int($0) } }
        atoms = name == "QM9" ? ["C", "N", "O", "F"] : nil
    }

    /// Node counts of the training sets; of QM9, those of 10,000 molecules that a later model drew.
    private static let table = [
        "community_small": "12:21 14:20 16:15 18:13 20:11",
        "ego_small": "4:56 5:32 6:20 7:16 8:9 9:6 10:5 11:4 12:3 13:3 14:1 16:5",
        "ENZYMES":
            "10:2 11:5 12:12 13:6 14:11 15:8 16:6 17:4 18:13 19:10 20:13 21:14 22:13 23:8 24:18 25:15 26:19 27:19 "
            + "28:16 29:10 30:10 31:5 32:12 33:10 34:12 35:6 36:8 37:9 38:13 39:13 40:16 41:13 42:19 43:5 44:18 45:4 46:9 "
            + "47:4 48:13 49:3 50:8 51:5 52:7 54:2 55:3 56:2 57:3 58:1 60:4 62:2 64:1 66:3 74:1 96:1 121:1 123:1 125:1",
        "grid": "110:1 121:1 130:1 132:1 140:2 143:3 144:1 150:4 156:2 160:1 165:2 168:2 169:1 170:1 176:2 180:5 190:3 "
            + "192:2 195:1 196:1 204:3 208:1 209:1 210:1 216:5 221:3 228:2 234:1 238:2 240:1 247:1 252:3 255:2 266:1 270:2 "
            + "272:2 285:1 288:3 304:1 306:3 324:2 342:2",
        "QM9": "4:2 5:17 6:57 7:257 8:1387 9:8280",
    ]

    /// How the paper draws graphs of a data set, where a checkpoint does not say.
    package static func sampling(_ name: String, isAttentive: Bool) -> GDSSSampling {
        var s = GDSSSampling()
        switch name {
        case "ego_small": s.corrector = .none
        case "ENZYMES": (s.predictor, s.corrector, s.snr, s.usesAverage) = (.s4, .none, 0.15, true)
        case "grid": (s.predictor, s.snr, s.usesAverage, s.together) = (.reverse, 0.1, true, 8)
        case "QM9": (s.predictor, s.snr) = (.reverse, 0.2)
        case "ZINC250k": (s.predictor, s.snr, s.scale) = (.reverse, 0.2, isAttentive ? 0.8 : 0.9)
        default: break
        }
        return s
    }
}
