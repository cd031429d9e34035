//! Names, made up by putting together what is common in Germany.
//!
//! All of them fit into Windows-1252: the sign-up form of 2013 took nothing else, and the old programs could print
//! nothing else. The few people of [`ODD`] got past the form.

/// First names, some of them double.
pub(super) const FIRST: [&str; 445] = [
    "Achim", "Adelheid", "Adrian", "Agnes", "Alexander", "Alexandra", "Alfred", "Alice", "Alina", "Amelie", "Anders",
    "Andrea", "Andreas", "Angela", "Angelika", "Anika", "Anja", "Anke", "Anna", "Anna-Lena", "Anna-Maria", "Anne",
    "Anne-Kathrin", "Annegret", "Anneliese", "Annett", "Annette", "Ann-Kathrin", "Antje", "Anton", "Antonia", "Armin",
    "Arne", "Arno", "Astrid", "August", "Axel", "Barbara", "Bastian", "Beate", "Benedikt", "Benjamin", "Benno",
    "Bernd", "Bernhard", "Berthold", "Bettina", "Birgit", "Bjarne", "Björn", "Bodo", "Boris", "Brigitte", "Bruno",
    "Burkhard", "Carina", "Carla", "Carmen", "Carolin", "Carsten", "Caspar", "Charlotte", "Christa", "Christian",
    "Christiane", "Christina", "Christoph", "Clara", "Claudia", "Clemens", "Cordula", "Corinna", "Cornelia", "Dagmar",
    "Daniel", "Daniela", "David", "Denise", "Dennis", "Detlef", "Diana", "Dieter", "Dietmar", "Dirk", "Dominik",
    "Dora", "Doris", "Dorothea", "Eberhard", "Eckhard", "Edith", "Eduard", "Elena", "Elfriede", "Elias", "Elisabeth",
    "Elke", "Ella", "Ellen", "Emil", "Emilia", "Emma", "Erich", "Erik", "Erika", "Ernst", "Erwin", "Esther", "Eva",
    "Evelyn", "Fabian", "Felix", "Ferdinand", "Finn", "Florian", "Frank", "Franz", "Franziska", "Frauke", "Frederik",
    "Frieda", "Friederike", "Friedhelm", "Friedrich", "Fritz", "Gabriel", "Gabriele", "Georg", "Gerald", "Gerda",
    "Gerhard", "Gerlinde", "Gero", "Gertrud", "Gesine", "Gisela", "Götz", "Grete", "Gudrun", "Günter", "Günther",
    "Gunda", "Gustav", "Hannah", "Hannelore", "Hannes", "Hanno", "Hans", "Hans-Georg", "Hans-Joachim", "Hans-Jürgen",
    "Hans-Peter", "Harald", "Hartmut", "Hedwig", "Heidi", "Heike", "Heiko", "Heiner", "Heinrich", "Heinz", "Helena",
    "Helene", "Helga", "Helmut", "Hendrik", "Henning", "Henri", "Henriette", "Herbert", "Hermann", "Hilde", "Holger",
    "Horst", "Hubert", "Hubertus", "Ida", "Ilona", "Ilse", "Ina", "Ines", "Inga", "Ingeborg", "Ingo", "Ingrid",
    "Irene", "Iris", "Irmgard", "Isabel", "Isabell", "Isolde", "Jakob", "Jan", "Jana", "Jan-Hendrik", "Janina",
    "Janine", "Jasmin", "Jens", "Joachim", "Jochen", "Johann", "Johanna", "Johannes", "Jonas", "Jonathan", "Jörg",
    "Jörn", "Josef", "Josefine", "Jost", "Judith", "Julia", "Julian", "Jürgen", "Jutta", "Kai", "Karin", "Karl",
    "Karl-Heinz", "Karla", "Karsten", "Käthe", "Katharina", "Kathrin", "Katja", "Katrin", "Kerstin", "Kilian",
    "Kirsten", "Klara", "Klaus", "Klaus-Dieter", "Konrad", "Konstantin", "Korbinian", "Kristin", "Kurt", "Lars",
    "Laura", "Lea", "Lena", "Lennart", "Leo", "Leon", "Leonie", "Leopold", "Levin", "Lina", "Linda", "Linus", "Lisa",
    "Lorenz", "Lothar", "Louisa", "Luca", "Lucia", "Ludwig", "Luisa", "Luise", "Lukas", "Lutz", "Lydia", "Magda",
    "Magdalena", "Maik", "Maja", "Malte", "Manfred", "Manuel", "Manuela", "Mareike", "Margarete", "Margit", "Maria",
    "Marianne", "Marie", "Marie-Luise", "Mario", "Marion", "Marius", "Marko", "Markus", "Marlene", "Marlies",
    "Martha", "Martin", "Martina", "Mathilde", "Mathis", "Matthias", "Max", "Maximilian", "Meike", "Melanie", "Mia",
    "Michael", "Michaela", "Mila", "Miriam", "Mona", "Monika", "Moritz", "Nadine", "Nadja", "Natalie", "Nele", "Nico",
    "Nicole", "Niklas", "Nikolaus", "Nils", "Nina", "Noah", "Nora", "Norbert", "Oda", "Olaf", "Ole", "Oliver",
    "Oskar", "Oswald", "Otto", "Patricia", "Patrick", "Paul", "Paula", "Pauline", "Peer", "Peggy", "Peter", "Petra",
    "Philipp", "Pia", "Rainer", "Ralf", "Ramona", "Raphael", "Rebecca", "Regina", "Regine", "Reinhard", "Renate",
    "René", "Richard", "Rieke", "Rita", "Robert", "Robin", "Roland", "Rolf", "Roman", "Ronja", "Rosemarie",
    "Roswitha", "Rudi", "Rudolf", "Rüdiger", "Rupert", "Ruth", "Sabine", "Sabrina", "Samuel", "Sandra", "Sara",
    "Sarah", "Saskia", "Sebastian", "Selma", "Sibylle", "Siegfried", "Sieglinde", "Sigrid", "Silke", "Silvia",
    "Simon", "Simone", "Sofie", "Sönke", "Sonja", "Sophia", "Sophie", "Stefan", "Stefanie", "Steffen", "Steffi",
    "Stephan", "Susanne", "Sven", "Svenja", "Sylvia", "Tabea", "Tamara", "Tanja", "Tatjana", "Teresa", "Theodor",
    "Theresa", "Thilo", "Thomas", "Thorben", "Thorsten", "Tilman", "Tim", "Timo", "Tina", "Tobias", "Tom", "Torben",
    "Torsten", "Traudl", "Udo", "Ulf", "Uli", "Ulrich", "Ulrike", "Ursula", "Ute", "Uwe", "Valentin", "Vanessa",
    "Vera", "Verena", "Veronika", "Viktor", "Viktoria", "Vincent", "Volker", "Volkmar", "Walburga", "Waltraud",
    "Walter", "Wanda", "Wencke", "Werner", "Wiebke", "Wilfried", "Wilhelm", "Wilhelmine", "Willi", "Wolf-Dieter",
    "Wolfgang", "Wolfram", "Yannick", "Yvonne"
];

/// First names from elsewhere.
pub(super) const FIRST_FOREIGN: [&str; 102] = [
    "Agnieszka", "Ahmet", "Alejandra", "Alessandro", "André", "Andrzej", "Antoine", "Aurélie", "Aleš", "Bartosz",
    "Beatriz", "Bülent", "Beata", "Camille", "Carlos", "Cem", "Céline", "Chloé", "Chiara", "Cristina", "Dariusz",
    "Deniz", "Dilek", "Dilara", "Dragan", "Dóra", "Élodie", "Emine", "Emre", "Enrique", "Esra", "Fatma", "Fatih",
    "Federico", "François", "Françoise", "Francesca", "Gabriella", "Giovanni", "Giulia", "Gökhan", "Grzegorz",
    "Gülay", "Gül", "Hakan", "Halil", "Hasan", "Hatice", "Hélène", "Hülya", "Ibrahim", "Ivana", "Jacek", "Jérôme",
    "Jelena", "João", "José", "Kadir", "Katarzyna", "Kemal", "Krzysztof", "Lorenzo", "Luís", "Maciej", "Magali",
    "Marek", "Marija", "Mehmet", "Meryem", "Milan", "Murat", "Mustafa", "Natália", "Nikola", "Noémie", "Nuri", "Ömer",
    "Orhan", "Özlem", "Paolo", "Pavel", "Piotr", "Raúl", "Renée", "Roberto", "Selin", "Serkan", "Sevgi", "Sinan",
    "Slavica", "Sofía", "Tomasz", "Tomáš", "Ümit", "Vlad", "Wojciech", "Yasemin", "Yusuf", "Zeynep", "Zoé", "Zuzana",
    "Žaneta"
];

/// Surnames.
pub(super) const LAST: [&str; 470] = [
    "Abel", "Ackermann", "Adam", "Ahlers", "Ahrens", "Albers", "Albrecht", "Altmann", "Anders", "Appel", "Arndt",
    "Arnold", "Asmussen", "Auer", "Bach", "Bachmann", "Bader", "Bär", "Bahr", "Baier", "Balzer", "Barth", "Bartels",
    "Barthel", "Bartsch", "Bauer", "Baumann", "Baumgartner", "Baur", "Bayer", "Beck", "Becker", "Beckmann",
    "Behrendt", "Behrens", "Bender", "Benz", "Berg", "Berger", "Bergmann", "Bernhardt", "Betz", "Beyer", "Bock",
    "Bode", "Böhm", "Böhme", "Bohn", "Bönisch", "Born", "Böttcher", "Brandt", "Brandl", "Brauer", "Braun", "Breuer",
    "Brinkmann", "Brockmann", "Bruhn", "Brückner", "Brunner", "Buchholz", "Buck", "Bühler", "Burger", "Burkhardt",
    "Busch", "Büttner", "Carstens", "Christ", "Claußen", "Conrad", "Cordes", "Cremer", "Dahl", "Decker", "Dehn",
    "Denk", "Dietrich", "Dietz", "Döring", "Dorn", "Drescher", "Dreyer", "Ebert", "Eckert", "Eckstein", "Eder",
    "Eggers", "Ehlers", "Eichhorn", "Engel", "Engelhardt", "Ernst", "Esser", "Evers", "Falk", "Feldmann", "Fiedler",
    "Fink", "Fischer", "Fleischer", "Förster", "Frank", "Franke", "Franz", "Freitag", "Freund", "Frey", "Fricke",
    "Friedrich", "Fritsch", "Fritz", "Fröhlich", "Fuchs", "Funk", "Gabriel", "Gärtner", "Gebhardt", "Geiger",
    "Geißler", "Gerlach", "Giese", "Göbel", "Götz", "Grabowski", "Graf", "Greiner", "Grimm", "Groß", "Großmann",
    "Gruber", "Grün", "Günther", "Haag", "Haas", "Hagen", "Hahn", "Hamann", "Hansen", "Harms", "Hartmann", "Hartwig",
    "Haupt", "Hauser", "Heck", "Heil", "Hein", "Heine", "Heinemann", "Heinrich", "Heinze", "Heise", "Heller",
    "Hellwig", "Henke", "Hennig", "Henning", "Hensel", "Hering", "Hermann", "Herrmann", "Hertel", "Herzog", "Hesse",
    "Heuer", "Hildebrandt", "Hinrichs", "Hinz", "Hirsch", "Hoffmann", "Hofmann", "Hohmann", "Holz", "Höppner", "Horn",
    "Huber", "Hübner", "Hummel", "Ihde", "Jacob", "Jacobs", "Jäger", "Jahn", "Jansen", "Janßen", "Jensen", "Jessen",
    "Jordan", "Jost", "Jung", "Junge", "Jürgens", "Kaiser", "Kaminski", "Karl", "Kaufmann", "Keil", "Keller",
    "Kellner", "Kern", "Keßler", "Kirchhoff", "Kirchner", "Klaus", "Klein", "Kluge", "Knoll", "Koch", "Köhler",
    "Kolb", "König", "Konrad", "Köster", "Kowalski", "Kraft", "Krämer", "Krause", "Krauß", "Krebs", "Kremer",
    "Kretschmer", "Krieger", "Kröger", "Krug", "Krüger", "Kruse", "Kühn", "Kühne", "Kuhlmann", "Kunz", "Kunze",
    "Kurz", "Lang", "Lange", "Langer", "Lehmann", "Leonhardt", "Lindemann", "Lindner", "Link", "Lorenz", "Löffler",
    "Löwe", "Lorenzen", "Ludwig", "Lüders", "Lutz", "Mack", "Maier", "Mann", "Marquardt", "Martens", "Martin", "Marx",
    "Maurer", "May", "Mayer", "Meier", "Meißner", "Menzel", "Merkle", "Mertens", "Metz", "Metzger", "Meyer", "Michel",
    "Mohr", "Moritz", "Moser", "Möller", "Mühlbauer", "Müller", "Müller-Lüdenscheidt", "Münch", "Nagel", "Naumann",
    "Neubauer", "Neuhaus", "Neumann", "Nickel", "Niemann", "Nissen", "Noack", "Nolte", "Nowak", "Ochs", "Oelze",
    "Ohlsen", "Opitz", "Ott", "Otto", "Pape", "Paul", "Paulsen", "Peter", "Peters", "Petersen", "Pfeiffer", "Pfister",
    "Philipp", "Pieper", "Pietsch", "Pohl", "Popp", "Prinz", "Probst", "Prüßner", "Raab", "Rapp", "Rasch", "Rau",
    "Rauch", "Reich", "Reichel", "Reichert", "Reimann", "Reimer", "Reinhardt", "Reinhold", "Reiter", "Renner",
    "Reuter", "Richter", "Riedel", "Rieger", "Ritter", "Rode", "Rohde", "Rose", "Roth", "Röder", "Rösch", "Rudolph",
    "Ruf", "Runge", "Sander", "Sattler", "Sauer", "Schade", "Schäfer", "Schäffer", "Schaller", "Scharf", "Schenk",
    "Scherer", "Schiller", "Schilling", "Schindler", "Schirmer", "Schlegel", "Schlüter", "Schmid", "Schmidt",
    "Schmitt", "Schmitz", "Schneider", "Schnell", "Scholz", "Schön", "Schöne", "Schott", "Schrader", "Schramm",
    "Schreiber", "Schröder", "Schröter", "Schubert", "Schuhmacher", "Schulte", "Schultz", "Schulz", "Schulze",
    "Schumacher", "Schumann", "Schuster", "Schütt", "Schütz", "Schwab", "Schwarz", "Schweizer", "Seidel", "Seifert",
    "Seitz", "Siebert", "Siegel", "Simon", "Singer", "Sommer", "Sonntag", "Späth", "Springer", "Stadler", "Stahl",
    "Stark", "Steffen", "Steffens", "Stein", "Steinbach", "Steiner", "Stephan", "Stock", "Stoll", "Straub", "Strauß",
    "Strobel", "Stumpf", "Sturm", "Süß", "Tessmer", "Thiel", "Thiele", "Thiemann", "Thomas", "Thoma", "Tiedemann",
    "Timm", "Többen", "Trautmann", "Übelacker", "Uhlig", "Ulbrich", "Ullrich", "Unger", "Urban", "Vetter", "Vogel",
    "Vogt", "Voigt", "Volk", "Völker", "Voß", "Wagner", "Wahl", "Walter", "Walther", "Weber", "Wegener", "Wegner",
    "Weidner", "Weigel", "Weiß", "Weise", "Wendt", "Wenzel", "Werner", "Westphal", "Weyrauch", "Wieland", "Wilhelm",
    "Wilke", "Will", "Winkler", "Winter", "Wirth", "Witt", "Witte", "Wittmann", "Wörner", "Wolf", "Wolff", "Wulf",
    "Wunderlich", "Wünsche", "Zander", "Zeller", "Ziegler", "Zimmer", "Zimmermann", "Zöller"
];

/// Surnames from elsewhere.
pub(super) const LAST_FOREIGN: [&str; 59] = [
    "Arslan", "Beaumont", "Benedetti", "Bianchi", "Çelik", "Çetin", "Colombo", "Costa", "Da Silva", "Demir",
    "Demirci", "D'Angelo", "Dubois", "Durand", "Esposito", "Fernández", "Ferrari", "García", "Girard", "González",
    "Gül", "Güler", "Gonçalves", "Horváth", "Kaplan", "Karaca", "Kaya", "Klimek", "Koç", "Lefèvre", "Leclerc",
    "López", "Martínez", "Mazur", "Michalak", "Moreau", "Nguyen", "Novák", "O'Brien", "Özdemir", "Öztürk", "Pereira",
    "Polat", "Popescu", "Romano", "Rossi", "Rousseau", "Sánchez", "Sahin", "Santos", "Schäfer-Öztürk", "Silva",
    "Tekin", "Toth", "Ünal", "Varga", "Wójcik", "Yavuz", "Žukauskas"
];

/// Surnames of the nobility, and such as sound like it.
pub(super) const LAST_NOBLE: [&str; 14] = [
    "von der Heide", "von Ahlefeldt", "von Brandenstein", "von der Leine", "zu Hohenfels", "von und zu Weißenstein",
    "Freiherr von Rautenberg", "Gräfin von Seeburg", "von Lüneberg", "vom Stein", "von Bülowsburg", "van der Velden",
    "de Vries", "von Thurnau"
];

/// First names of those who want an English invoice.
pub(super) const FIRST_ENGLISH: [&str; 51] = [
    "Abigail", "Alan", "Amy", "Andrew", "Ashley", "Brandon", "Brian", "Charles", "Chloe", "Colin", "Emily", "Ethan",
    "Fiona", "George", "Grace", "Graham", "Harry", "Heather", "Helen", "Ian", "Jack", "James", "Jennifer", "Jessica",
    "John", "Karen", "Keith", "Kelly", "Kevin", "Kyle", "Laurence", "Liam", "Lucy", "Megan", "Neil", "Nigel",
    "Olivia", "Owen", "Pamela", "Rachel", "Rebecca", "Rhys", "Ryan", "Scott", "Sean", "Shauna", "Steven", "Susan",
    "Tracy", "William", "Zoë"
];

/// Surnames of those who want an English invoice.
pub(super) const LAST_ENGLISH: [&str; 52] = [
    "Adams", "Allen", "Baker", "Barnes", "Bennett", "Brooks", "Brown", "Campbell", "Carter", "Clark", "Collins",
    "Cook", "Cooper", "Davies", "Edwards", "Evans", "Fletcher", "Foster", "Green", "Hall", "Harris", "Hughes",
    "Jackson", "Johnson", "Jones", "Kelly", "King", "Lewis", "MacDonald", "Mitchell", "Moore", "Murphy", "O'Connor",
    "O'Neill", "Parker", "Phillips", "Reynolds", "Roberts", "Robinson", "Shaw", "Smith", "Stewart", "Taylor",
    "Thompson", "Turner", "Walker", "Ward", "Watson", "White", "Wilson", "Wright", "Young"
];

/// People whose names the PDF's fonts lack: first name, surname, and both as typed into a mail address.
pub(super) const ODD: [(&str, &str, &str); 3] =
    [("芳", "王", "fang.wang"), ("太郎", "山田", "taro.yamada"), ("Mei-Lin 美玲", "Vogel", "mei-lin.vogel")];
