import Genera

/// Points moved until distances between them are about as wanted and none come close.
struct Relaxation {
    /// A wanted distance.
    struct Target {
        var one: Int
        var two: Int
        var length: Double
        var isBond: Bool
    }

    private(set) var places: [Point]

    init(places: [Point], targets: [Target], rounds: Int = 300) {
        self.places = places
        let count = places.count
        var isJoined = [Bool](repeating: false, count: count * count)
        for target in targets {
            isJoined[target.one * count + target.two] = true
            isJoined[target.two * count + target.one] = true
        }
        for round in 0..<rounds {
            let cooling = 1 - 0.7 * Double(round) / Double(rounds)
            var moves = [Point](repeating: Point(0, 0), count: places.count)
            for target in targets {
                let offset = self.places[target.two] - self.places[target.one]
                let off = offset.length - target.length
                let step = offset.unit * (off * (target.isBond ? 0.25 : 0.05))
                moves[target.one] = moves[target.one] + step
                moves[target.two] = moves[target.two] - step
            }
            for one in places.indices {
                for two in 0..<one where !isJoined[one * count + two] {
                    let offset = self.places[one] - self.places[two]
                    guard offset.dot(offset) < 1.21 else { continue }
                    let step = offset.unit * ((1.1 - offset.length) * 0.08)
                    moves[one] = moves[one] + step
                    moves[two] = moves[two] - step
                }
            }
            for place in places.indices { self.places[place] = self.places[place] + moves[place] * cooling }
        }
        // All bonds are 1 long on average.
        let lengths = targets.filter(\.isBond).map { (self.places[$0.one] - self.places[$0.two]).length }
        let mean = lengths.reduce(0, +) / Double(max(lengths.count, 1))
        if mean > 1e-6 { self.places = self.places.map { $0 * (1 / mean) } }
    }
}
