#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One connected part of a graph: its nodes in an order that does not depend on their numbers, and their places.
struct GraphPart {
    /// The nodes' numbers in the whole graph, in the order of the part.
    let order: [Int]
    /// The same for parts of the same shape.
    let key: UInt64
    /// Neighbours by their place in `order`.
    private let neighbours: [[Int]]

    /// Beyond so many nodes distances are measured from some of them alone.
    private static let exactLimit = 1500

    init(_ nodes: [Int], _ neighbours: [[Int]], marks: [Int]?) {
        var local: [Int: Int] = [:]
        for (place, node) in nodes.enumerated() { local[node] = place }
        let links = nodes.map { neighbours[$0].compactMap { local[$0] } }
        let refinement = ColorRefinement(links, marks: nodes.map { marks?[$0] ?? 0 })
        let order = refinement.order
        var rank = [Int](repeating: 0, count: nodes.count)
        for (place, node) in order.enumerated() { rank[node] = place }
        self.order = order.map { nodes[$0] }
        self.neighbours = order.map { links[$0].map { rank[$0] }.sorted() }
        key = refinement.key
    }

    /// Places of least stress, turned so that the longest extent lies flat.
    func places() -> [Point] {
        let count = neighbours.count
        if count == 2 { return [Point(0, 0), Point(1, 0)] }
        var dice = SplitMix(state: 0x6E_65_72_61)
        let spread = Double(count).squareRoot()
        var places = (0..<count).map { _ in Point(dice.unit() * spread, dice.unit() * spread) }
        var terms = count <= Self.exactLimit ? allTerms() : pivotTerms()
        let largest = terms.reduce(1) { max($0, Double($1.steps)) }
        let epochs = count <= 200 ? 80 : count <= 600 ? 45 : 30
        let (first, last) = (largest * largest, 0.05)
        for epoch in 0..<epochs {
            let rate = first * pow(last / first, Double(epoch) / Double(epochs - 1))
            dice.shuffle(&terms)
            Self.descend(&places, terms, rate)
        }
        return Self.flattened(places)
    }

    /// Two nodes and the number of steps between them.
    private struct Term {
        var a: Int32
        var b: Int32
        var steps: Float
    }

    /// Moves the two nodes of each term towards their wanted distance, by at most all of the way.
    private static func descend(_ places: inout [Point], _ terms: [Term], _ rate: Double) {
        places.withUnsafeMutableBufferPointer { places in
            for term in terms {
                let (a, b, wanted) = (Int(term.a), Int(term.b), Double(term.steps))
                let (dx, dy) = (places[a].x - places[b].x, places[a].y - places[b].y)
                let length = max((dx * dx + dy * dy).squareRoot(), 1e-9)
                let share = min(rate / (wanted * wanted), 1) * (length - wanted) / (2 * length)
                places[a].x -= share * dx
                places[a].y -= share * dy
                places[b].x += share * dx
                places[b].y += share * dy
            }
        }
    }

    private func allTerms() -> [Term] {
        var terms: [Term] = []
        terms.reserveCapacity(neighbours.count * (neighbours.count - 1) / 2)
        for a in neighbours.indices {
            let steps = distances(from: a)
            for b in a + 1..<max(neighbours.count, a + 1) {
                terms.append(Term(a: Int32(a), b: Int32(b), steps: Float(steps[b])))
            }
        }
        return terms
    }

    /// The edges, and each node with about thirty that lie far apart.
    private func pivotTerms() -> [Term] {
        var terms: [Term] = []
        for (a, others) in neighbours.enumerated() {
            for b in others where b > a { terms.append(Term(a: Int32(a), b: Int32(b), steps: 1)) }
        }
        var nearest = [Int32](repeating: .max, count: neighbours.count)
        var pivot = 0
        for _ in 0..<30 {
            let steps = distances(from: pivot)
            for b in neighbours.indices where steps[b] > 1 {
                terms.append(Term(a: Int32(pivot), b: Int32(b), steps: Float(steps[b])))
            }
            for b in neighbours.indices { nearest[b] = min(nearest[b], steps[b]) }
            pivot = neighbours.indices.max { nearest[$0] < nearest[$1] } ?? 0
        }
        return terms
    }

    private func distances(from start: Int) -> [Int32] {
        var steps = [Int32](repeating: -1, count: neighbours.count)
        var queue = [start]
        queue.reserveCapacity(neighbours.count)
        steps[start] = 0
        var next = 0
        while next < queue.count {
            let node = queue[next]
            for other in neighbours[node] where steps[other] < 0 {
                steps[other] = steps[node] + 1
                queue.append(other)
            }
            next += 1
        }
        return steps
    }

    /// Turned so that the rectangle around them is the smallest, to half a degree, and lies flat.
    private static func flattened(_ places: [Point]) -> [Point] {
        var (best, least) = (places, Double.infinity)
        for step in 0..<360 {
            let angle = Double(step) * Double.pi / 360
            let (c, s) = (cos(angle), sin(angle))
            var (left, right, top, bottom) = (Double.infinity, -Double.infinity, Double.infinity, -Double.infinity)
            for place in places {
                let (x, y) = (c * place.x + s * place.y, c * place.y - s * place.x)
                (left, right, top, bottom) = (min(left, x), max(right, x), min(top, y), max(bottom, y))
            }
            let area = (right - left + 1) * (bottom - top + 1)
            guard right - left >= bottom - top, area < least * 0.999 else { continue }
            least = area
            best = places.map { Point(c * $0.x + s * $0.y, c * $0.y - s * $0.x) }
        }
        return best
    }
}

/// Numbers of the generator SplitMix64, to shuffle the same way each time.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return ColorRefinement.mixed(state)
    }

    mutating func unit() -> Double { Double(next() >> 11) / Double(1 << 53) }

    mutating func shuffle<Element>(_ items: inout [Element]) {
        var place = items.count - 1
        while place > 0 {
            items.swapAt(place, Int(next().multipliedFullWidth(by: UInt64(place + 1)).high))
            place -= 1
        }
    }
}
