# Made by fmprof plot --script. Draw it: gnuplot FILE
set output 'lanes.svg'
set encoding utf8
set terminal svg rounded size 1200,700 noenhanced background rgb '#1b2126' font 'DejaVu Sans,12'
set lmargin at screen 0.07
set rmargin at screen 0.6554
set bmargin at screen 0.08857143
set tmargin at screen 0.8885714
unset key
set border 1 lw 1.2 lc rgb '#4c5963'
set grid ytics lt 1 lw 1 lc rgb '#303a42' dt solid back
set xrange [0:4]
set yrange [-19.74056604:99.12735849]
set xtics nomirror out scale 0.5 format '%.10g' tc rgb '#a3b0b9' 0,0.5,4.0000005 font 'DejaVu Sans,12'
set ytics nomirror scale 0 format '%.7g' tc rgb '#a3b0b9' 0,20,90.00002 font 'DejaVu Sans,12'
set label './threads' at screen 0.07,0.96 left noenhanced front tc rgb '#e8edf0' font 'DejaVu Sans:Bold,17'
set label 'peak 90.0 MiB · 4.000 s · 4 calls' at screen 0.07,0.9242857 left noenhanced front tc rgb '#a3b0b9' font 'DejaVu Sans,13'
set label 'time (s)' at screen 0.3627,0.02857143 center noenhanced front tc rgb '#a3b0b9' font 'DejaVu Sans,12.5'
set label 'memory (MiB)' at screen 0.015,0.555 center rotate by 90 noenhanced tc rgb '#a3b0b9' font 'DejaVu Sans,12.5'
set object rectangle from screen 0.6754,0.8514286 to screen 0.6954,0.8742857 fc rgb '#66422e' fs solid noborder
set arrow from screen 0.6754,0.8514286 to screen 0.6754,0.8742857 nohead lw 2 dt solid lc rgb '#f0803c' front
set arrow from screen 0.6754,0.8514286 to screen 0.6795667,0.8514286 nohead lw 2 dt solid lc rgb '#f0803c' front
set arrow from screen 0.6754,0.8742857 to screen 0.6795667,0.8742857 nohead lw 2 dt solid lc rgb '#f0803c' front
set arrow from screen 0.6954,0.8514286 to screen 0.6954,0.8742857 nohead lw 2 dt solid lc rgb '#f0803c' front
set arrow from screen 0.6954,0.8514286 to screen 0.6912333,0.8514286 nohead lw 2 dt solid lc rgb '#f0803c' front
set arrow from screen 0.6954,0.8742857 to screen 0.6912333,0.8742857 nohead lw 2 dt solid lc rgb '#f0803c' front
set label 'load' at screen 0.7037333,0.8742857 left noenhanced front tc rgb '#e8edf0' font 'DejaVu Sans,13'
set label '2 calls, 1.700 s, +50.0 MiB, peak 90.0 MiB' at screen 0.7037333,0.8514286 left noenhanced front tc rgb '#a3b0b9' font 'DejaVu Sans,12'
set object rectangle from screen 0.6754,0.7985714 to screen 0.6954,0.8214286 fc rgb '#2b4d65' fs solid noborder
set arrow from screen 0.6754,0.7985714 to screen 0.6754,0.8214286 nohead lw 2 dt solid lc rgb '#4a9fdb' front
set arrow from screen 0.6754,0.7985714 to screen 0.6795667,0.7985714 nohead lw 2 dt solid lc rgb '#4a9fdb' front
set arrow from screen 0.6754,0.8214286 to screen 0.6795667,0.8214286 nohead lw 2 dt solid lc rgb '#4a9fdb' front
set arrow from screen 0.6954,0.7985714 to screen 0.6954,0.8214286 nohead lw 2 dt solid lc rgb '#4a9fdb' front
set arrow from screen 0.6954,0.7985714 to screen 0.6912333,0.7985714 nohead lw 2 dt solid lc rgb '#4a9fdb' front
set arrow from screen 0.6954,0.8214286 to screen 0.6912333,0.8214286 nohead lw 2 dt solid lc rgb '#4a9fdb' front
set label 'work' at screen 0.7037333,0.8214286 left noenhanced front tc rgb '#e8edf0' font 'DejaVu Sans,13'
set label '1 call, 1.500 s, +30.0 MiB, peak 90.0 MiB' at screen 0.7037333,0.7985714 left noenhanced front tc rgb '#a3b0b9' font 'DejaVu Sans,12'
set object rectangle from screen 0.6754,0.7457143 to screen 0.6954,0.7685714 fc rgb '#225a4f' fs solid noborder
set arrow from screen 0.6754,0.7457143 to screen 0.6754,0.7685714 nohead lw 2 dt solid lc rgb '#2fc39a' front
set arrow from screen 0.6754,0.7457143 to screen 0.6795667,0.7457143 nohead lw 2 dt solid lc rgb '#2fc39a' front
set arrow from screen 0.6754,0.7685714 to screen 0.6795667,0.7685714 nohead lw 2 dt solid lc rgb '#2fc39a' front
set arrow from screen 0.6954,0.7457143 to screen 0.6954,0.7685714 nohead lw 2 dt solid lc rgb '#2fc39a' front
set arrow from screen 0.6954,0.7457143 to screen 0.6912333,0.7457143 nohead lw 2 dt solid lc rgb '#2fc39a' front
set arrow from screen 0.6954,0.7685714 to screen 0.6912333,0.7685714 nohead lw 2 dt solid lc rgb '#2fc39a' front
set label 'wait_for' at screen 0.7037333,0.7685714 left noenhanced front tc rgb '#e8edf0' font 'DejaVu Sans,13'
set label '1 call (1 unfinished), 1.400 s, +20.0 MiB, peak 90.0 MiB' at screen 0.7037333,0.7457143 left noenhanced front tc rgb '#a3b0b9' font 'DejaVu Sans,12'
set arrow from first 0,0 to first 4,0 nohead lw 1.2 lc rgb '#4c5963'
$bars << EOD
0.5 1.5 -5.625 -2.653302 11559989
2 3.5 -10.29481 -7.323113 2837861
2.5 3.2 -13.47877 -10.50708 8802609
2.6 4 -18.14858 -15.17689 2251343
EOD
set label 'load' at screen 0.1465083,0.1935714 left noenhanced front tc rgb '#e8edf0' font 'DejaVu Sans,11'
set label 'work' at screen 0.3660333,0.1621429 left noenhanced front tc rgb '#e8edf0' font 'DejaVu Sans,11'
set label 'load' at screen 0.4392083,0.1407143 left noenhanced front tc rgb '#e8edf0' font 'DejaVu Sans,11'
set label 'wait_for' at screen 0.4538433,0.1092857 left noenhanced front tc rgb '#e8edf0' font 'DejaVu Sans,11'
set label 'tid 10' at screen 0.065,0.1935714 right noenhanced front tc rgb '#a3b0b9' font 'DejaVu Sans,10.5'
set label 'tid 11' at screen 0.065,0.1514286 right noenhanced front tc rgb '#a3b0b9' font 'DejaVu Sans,10.5'
set label 'tid 12' at screen 0.065,0.1092857 right noenhanced front tc rgb '#a3b0b9' font 'DejaVu Sans,10.5'
$curve << EOD
0 10
0.5 10
1 60
1.5 60
2 60
2.5 60
2.6 70
3 90
3.2 90
3.5 80
4 80
4 80
EOD
$bands << EOD
0.5 1.5 0 99.12736 15761468
2 3.5 0 99.12736 4890587
2.5 3.2 0 99.12736 15761468
2.6 4 0 99.12736 3130266
EOD
$outside << EOD
0 10
0.5 10

1.5 60
2 60

4 80
4 80
EOD
$area2 << EOD
3.2 90
3.5 80
4 80
EOD
$ends2 << EOD
2.634165 73.18396
2.6 73.18396
2.6 66.81604
2.634165 66.81604

3.945337 83.18396
4 80
3.945337 76.81604

EOD
$area1 << EOD
2 60
2.5 60
EOD
$ends1 << EOD
2.034165 63.18396
2 63.18396
2 56.81604
2.034165 56.81604

EOD
$late1 << EOD
3.465835 83.18396
3.5 83.18396
3.5 76.81604
3.465835 76.81604

EOD
$area0 << EOD
0.5 10
1 60
1.5 60

2.5 60
2.6 70
3 90
3.2 90
EOD
$ends0 << EOD
0.5341647 13.18396
0.5 13.18396
0.5 6.816038
0.5341647 6.816038

1.465835 63.18396
1.5 63.18396
1.5 56.81604
1.465835 56.81604

2.534165 62.54717
2.5 62.54717
2.5 57.45283
2.534165 57.45283

3.165835 92.54717
3.2 92.54717
3.2 87.45283

EOD
set label 'peak 90.0 MiB' at screen 0.4139633,0.8442857 left noenhanced front tc rgb '#c3ced6' font 'DejaVu Sans:Bold,13'
set arrow from first 0,90 to first 4,90 nohead lw 1.2 dt (14,9) lc rgb '#c3ced6'
set arrow from first 3,0 to first 3,90 nohead lw 1.2 dt (14,9) lc rgb '#c3ced6'
BASE = 0
PEAK_X = 3
PEAK_Y = 90
plot NaN notitle, $bars using 1:3:1:2:3:4:5 with boxxyerror lc rgb variable fs solid noborder, $bands using 1:3:1:2:3:4:5 with boxxyerror lc rgb variable fs transparent solid 0.05 noborder, $outside using 1:2 with filledcurves y1=BASE fc rgb '#5a6873' fs transparent solid 0.45 noborder, $area2 using 1:2 with filledcurves y1=BASE fc rgb '#2fc39a' fs transparent solid 0.42 noborder, $area1 using 1:2 with filledcurves y1=BASE fc rgb '#4a9fdb' fs transparent solid 0.42 noborder, $area0 using 1:2 with filledcurves y1=BASE fc rgb '#f0803c' fs transparent solid 0.42 noborder, $curve using 1:2 with lines lw 2 lc rgb '#e3eaee', $ends2 using 1:2 with lines lw 5 lc rgb '#601b2126', $ends2 using 1:2 with lines lw 2.5 dt solid lc rgb '#2fc39a', $ends1 using 1:2 with lines lw 5 lc rgb '#601b2126', $ends1 using 1:2 with lines lw 2.5 dt solid lc rgb '#4a9fdb', $late1 using 1:2 with lines lw 5 lc rgb '#601b2126', $late1 using 1:2 with lines lw 2.5 dt solid lc rgb '#376d93', $ends0 using 1:2 with lines lw 5 lc rgb '#601b2126', $ends0 using 1:2 with lines lw 2.5 dt solid lc rgb '#f0803c', '+' every ::::0 using (PEAK_X):(PEAK_Y) with points pt 7 ps 0.8 lc rgb '#e3eaee'
